#include "miroir/scatter/merge_errors.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "miroir/meili/markers.hpp"
#include "search_checks.hpp"

namespace miroir::scatter {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    if (from.empty()) {
        return;
    }
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

// Lists of names in messages: "`a`, `b`" or "`a, b`".
void drop_reserved_names(std::string& text) {
    for (const auto name : {meili::shard_field, meili::version_field, meili::expiry_field}) {
        const std::string plain(name);
        const std::string quoted = "`" + plain + "`";
        for (const auto& shown : {quoted + ", ", ", " + quoted, plain + ", ", ", " + plain}) {
            replace_all(text, shown, "");
        }
    }
}

// "Available searchable attributes are: `a, b`.": only what is displayed may be named.
void hide_names(std::string& text, const ClientSettings& settings) {
    constexpr std::string_view lead = "attributes are: `";
    const auto start = text.find(lead);
    const auto end = text.rfind("`.");
    if (!settings.displayed || start == std::string::npos || end == std::string::npos ||
        end < start + lead.size()) {
        return;
    }
    const auto first = start + lead.size();
    std::string_view rest = std::string_view(text).substr(first, end - first);
    std::string shown;
    bool hidden = false;
    while (!rest.empty()) {
        const auto comma = rest.find(", ");
        const auto name = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 2);
        if (settings.displays(name)) {
            shown.append(shown.empty() ? "" : ", ").append(name);
        } else {
            hidden = true;
        }
    }
    text.replace(first, end - first, shown + (hidden ? ", <..hidden-attributes>" : ""));
}

// "(client's filter) AND (clause)": what is left when the message shows the whole rewritten text.
void drop_shard_clause(std::string& text) {
    const auto clause = text.find(" AND (\"" + std::string(meili::shard_field) + "\" IN [");
    if (clause != std::string::npos) {
        text.resize(clause);
    }
}

}  // namespace

std::optional<ApiError> parse_node_error(int status, std::string_view body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object()) {
        return std::nullopt;
    }
    ApiError error;
    error.status = status;
    const std::array<std::pair<const char*, std::string*>, 4> fields = {
        {{"message", &error.message}, {"code", &error.code}, {"type", &error.type}, {"link", &error.link}}};
    for (const auto& [name, target] : fields) {
        const auto found = json.find(name);
        if (found == json.end() || !found->is_string()) {
            return std::nullopt;
        }
        *target = found->get<std::string>();
    }
    return error;
}

bool depends_on_documents(const ApiError& error) {
    if (error.code == "invalid_search_attributes_to_search_on") {
        return true;
    }
    // A node that never saw a `_geo` cannot sort a list of documents by it.
    return error.code == "invalid_document_sort" && error.message.find("`_geo`") != std::string::npos;
}

JudgedErrors judge_errors(std::vector<NodeError> errors, std::size_t answered, bool same_settings) {
    if (errors.empty()) {
        return {};
    }
    std::sort(errors.begin(), errors.end(), [](auto& a, auto& b) { return a.node < b.node; });
    const auto& first = errors.front().error;
    const bool request_at_fault = std::all_of(errors.begin(), errors.end(), [&](const NodeError& error) {
        return error.error.status >= 400 && error.error.status < 500 && error.error.code == first.code;
    });
    if (answered == 0) {
        return request_at_fault ? JudgedErrors{Verdict::relay, first}
                                : JudgedErrors{Verdict::disagree, first};
    }
    const bool only_empty = std::all_of(errors.begin(), errors.end(), [](const NodeError& error) {
        return depends_on_documents(error.error);
    });
    return same_settings && only_empty ? JudgedErrors{} : JudgedErrors{Verdict::disagree, first};
}

ApiError as_client_error(ApiError error, const ErrorContext& context) {
    const bool about_filter =
        error.code == "invalid_search_filter" || error.code == "invalid_document_filter";
    if (about_filter && context.filter && context.settings) {
        const auto known =
            evaluate_filter(*context.filter, error.code, context.logical, *context.settings, true);
        if (!known) {
            return known.error();
        }
    }
    replace_all(error.message, context.physical.str(), context.logical.str());
    if (about_filter) {
        drop_shard_clause(error.message);
    }
    drop_reserved_names(error.message);
    if (error.code == "invalid_search_attributes_to_search_on" && context.settings) {
        hide_names(error.message, *context.settings);
    }
    return error;
}

}  // namespace miroir::scatter
