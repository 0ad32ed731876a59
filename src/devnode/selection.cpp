#include <algorithm>

#include "devnode/formatting.hpp"
#include "miroir/meili/attribute_pattern.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

JsonValue select_members(const JsonValue& object, const std::vector<std::string>& paths);

// The parts of the list's objects that are selected; what is no object is left out.
JsonValue select_items(const JsonValue& list, const std::vector<std::string>& paths) {
    JsonValue out;
    out.kind = JsonKind::array;
    for (const auto& item : list.items) {
        if (item.kind == JsonKind::array || item.kind == JsonKind::object) {
            auto part =
                item.kind == JsonKind::array ? select_items(item, paths) : select_members(item, paths);
            if (!part.items.empty() || !part.members.empty()) {
                out.items.push_back(std::move(part));
            }
        }
    }
    return out;
}

JsonValue select_members(const JsonValue& object, const std::vector<std::string>& paths) {
    JsonValue out;
    out.kind = JsonKind::object;
    for (const auto& member : object.members) {
        if (std::find(paths.begin(), paths.end(), member.key) != paths.end()) {
            out.members.push_back(member);
            continue;
        }
        std::vector<std::string> inner;
        for (const auto& path : paths) {
            if (path.size() > member.key.size() && meili::is_inside(path, member.key)) {
                inner.push_back(path.substr(member.key.size() + 1));
            }
        }
        if (inner.empty() ||
            (member.value.kind != JsonKind::array && member.value.kind != JsonKind::object)) {
            continue;
        }
        auto part = member.value.kind == JsonKind::array ? select_items(member.value, inner)
                                                         : select_members(member.value, inner);
        out.members.push_back({member.key, std::move(part)});
    }
    return out;
}

class Formatter {
public:
    Formatter(const FormatPlan& plan, const TextMatcher& matcher, const Markers& markers)
        : plan_(plan), matcher_(matcher), markers_(markers) {}

    void format(JsonValue& value, const std::string& path) const {
        for (auto& item : value.items) {
            format(item, path);
        }
        for (auto& member : value.members) {
            format(member.value, path.empty() ? member.key : path + "." + member.key);
        }
        if (value.kind == JsonKind::string || value.kind == JsonKind::number) {
            value.string = matcher_.format(scalar_text(value), options_of(path), markers_);
            value.kind = JsonKind::string;
        }
    }

private:
    FormatOptions options_of(const std::string& path) const {
        FormatOptions out;
        for (const auto& [name, options] : plan_) {
            if (name == "*" || meili::is_inside(path, name) || meili::is_inside(name, path)) {
                out.highlight = out.highlight || options.highlight;
                out.crop = out.crop ? out.crop : options.crop;
            }
        }
        return out;
    }

    const FormatPlan& plan_;
    const TextMatcher& matcher_;
    const Markers& markers_;
};

// Collects the matches of each text by path; of the texts of a list the last one with matches stays.
class PositionCollector {
public:
    explicit PositionCollector(const TextMatcher& matcher) : matcher_(matcher) {}

    void visit(const JsonValue& value, const std::string& path) {
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            indices_.push_back(i);
            visit(value.items[i], path);
            indices_.pop_back();
        }
        for (const auto& member : value.members) {
            visit(member.value, path.empty() ? member.key : path + "." + member.key);
        }
        if (value.kind != JsonKind::string && value.kind != JsonKind::number) {
            return;
        }
        if (const auto found = matcher_.matches(scalar_text(value)); !found.empty()) {
            found_[path] = print(found);
        }
    }

    std::string json() const {
        std::string out = "{";
        for (const auto& [path, bounds] : found_) {
            out += out.size() == 1 ? "" : ",";
            meili::append_json_string(out, path);
            out += ':' + bounds;
        }
        return out + "}";
    }

private:
    std::string print(const std::vector<MatchBounds>& found) const {
        std::string out = "[";
        for (const auto& bounds : found) {
            out += out.size() == 1 ? "" : ",";
            out +=
                "{\"start\":" + std::to_string(bounds.start) + ",\"length\":" + std::to_string(bounds.length);
            for (std::size_t i = 0; i < indices_.size(); ++i) {
                out += (i == 0 ? ",\"indices\":[" : ",") + std::to_string(indices_[i]);
            }
            out += indices_.empty() ? "}" : "]}";
        }
        return out + "]";
    }

    const TextMatcher& matcher_;
    std::vector<std::size_t> indices_;
    std::map<std::string, std::string> found_;
};

}  // namespace

bool selects_all(const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), "*") != names.end();
}

Selection intersect(const Selection& displayed, const Selection& wanted) {
    if (!displayed || !wanted) {
        return displayed ? displayed : wanted;
    }
    std::vector<std::string> out;
    for (const auto& name : *wanted) {
        for (const auto& shown : *displayed) {
            if (meili::is_inside(name, shown)) {
                out.push_back(name);
            } else if (meili::is_inside(shown, name)) {
                out.push_back(shown);
            }
        }
    }
    return out;
}

JsonValue select(const JsonValue& document, const Selection& selection) {
    return selection ? select_members(document, *selection) : document;
}

JsonValue format_document(const JsonValue& document, const FormatPlan& plan, const Selection& shown,
                          const TextMatcher& matcher, const Markers& markers) {
    auto selection = shown;
    for (const auto& [name, options] : plan) {
        if (selection) {
            selection->push_back(name);
        }
    }
    auto out = select(document, selection);
    Formatter(plan, matcher, markers).format(out, "");
    return out;
}

std::string matches_position(const JsonValue& document, const TextMatcher& matcher) {
    PositionCollector collector(matcher);
    collector.visit(document, "");
    return collector.json();
}

}  // namespace miroir::devnode
