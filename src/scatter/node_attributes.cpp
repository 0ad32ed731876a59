#include "node_attributes.hpp"

#include <algorithm>

#include "miroir/meili/markers.hpp"

namespace miroir::scatter {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<Names> visible(const std::optional<Names>& asked, const ClientSettings& settings) {
    if (!asked || contains(*asked, "*")) {
        return settings.displayed;
    }
    Names out;
    for (const auto& name : *asked) {
        const bool ours = meili::is_reserved(name) && name != meili::expiry_field;
        if (settings.displays(name) && !ours && !contains(out, name)) {
            out.push_back(name);
        }
    }
    return out;
}

Names highlighted(const std::optional<Names>& asked, const ClientSettings& settings) {
    if (!asked || asked->empty()) {
        return {};
    }
    const auto names = visible(asked, settings);
    return names ? *names : Names{"*"};
}

// `name` or `name:length`: what is before the last colon.
std::string_view cropped_name(std::string_view text) {
    return text.substr(0, text.rfind(':'));
}

Names cropped(const std::optional<Names>& asked, const ClientSettings& settings) {
    Names out;
    for (const auto& text : asked.value_or(Names{})) {
        const auto name = cropped_name(text);
        if (name == "*" && settings.displayed) {
            for (const auto& shown : *settings.displayed) {
                out.push_back(shown + text.substr(name.size()));
            }
        } else if (name == "*" || (settings.displays(name) && !meili::is_reserved(name))) {
            out.push_back(text);
        }
    }
    return out;
}

Selection formatted_selection(const NodeAttributes& attributes) {
    Selection out;
    out.narrower_than_node = attributes.retrieved.narrower_than_node;
    auto names = attributes.retrieved.names;
    const auto add = [&](std::string_view name) {
        if (name == "*") {
            names.reset();
        } else if (names && !contains(*names, name)) {
            names->emplace_back(name);
        }
    };
    for (const auto& name : attributes.highlight) {
        add(name);
    }
    for (const auto& text : attributes.crop) {
        add(cropped_name(text));
    }
    out.names = std::move(names);
    return out;
}

}  // namespace

NodeAttributes node_attributes(const meili::SearchQuery& query, const ClientSettings& settings,
                               const std::optional<std::string>& distinct) {
    NodeAttributes out;
    out.retrieved.names = visible(query.attributes_to_retrieve, settings);
    out.retrieve = out.retrieved.names;
    if (out.retrieve) {
        const auto covered = [&](const std::string& name) { return meili::is_inside(*distinct, name); };
        if (distinct && std::none_of(out.retrieve->begin(), out.retrieve->end(), covered)) {
            out.retrieve->push_back(*distinct);
            out.retrieved.narrower_than_node = true;
        }
        out.retrieve->emplace_back(meili::version_field);
        if (distinct && query.facets && !query.facets->empty()) {
            // What a dropped duplicate had counted for in the facets is seen only in its fields.
            out.retrieve.reset();
            out.retrieved.narrower_than_node = true;
        }
    }
    out.highlight = highlighted(query.attributes_to_highlight, settings);
    out.crop = cropped(query.attributes_to_crop, settings);
    out.formatted = formatted_selection(out);
    return out;
}

}  // namespace miroir::scatter
