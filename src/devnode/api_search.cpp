#include <algorithm>

#include "devnode/api.hpp"
#include "devnode/request_checks.hpp"
#include "devnode/search.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/search_query.hpp"

namespace miroir::devnode {

namespace {

bool wants_metadata(const http::Request& request) {
    const auto* header = request.header("meili-include-metadata");
    std::string value = header ? *header : "";
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return value == "true" || value == "1";
}

std::string metadata_member(const Index& index, const meili::SearchQuery& query) {
    std::string out = ",\"metadata\":{";
    if (query.q) {
        out += "\"query\":" + meili::json_string(*query.q) + ",";
    }
    out += "\"queryUid\":\"" + uuid_v7() + "\",\"indexUid\":" + meili::json_string(index.uid);
    if (index.primary_key) {
        out += ",\"primaryKey\":" + meili::json_string(*index.primary_key);
    }
    return out + "}";
}

}  // namespace

Result<std::string> Api::search_body(const std::string& uid, const meili::SearchQuery& query, bool metadata,
                                     const std::string& request_uid) {
    const auto features = filter_features();
    return engine_.read([&](const Indexes& indexes) -> Result<std::string> {
        const Index* index = find_index(indexes, uid);
        if (!index) {
            return meili::index_not_found(uid);
        }
        const SearchTarget target{*index, engine_.storage(), features};
        auto found = run_search(target, query, clock_);
        if (!found) {
            return found.error();
        }
        std::string out = std::move(found.value()) + ",\"requestUid\":\"" + request_uid + "\"";
        out += metadata ? metadata_member(*index, query) : "";
        if (query.show_performance_details) {
            out += ",\"performanceDetails\":{}";
        }
        return out;
    });
}

Api::Answer Api::search(const http::Request& request, const Result<meili::SearchQuery>& query) {
    if (!query) {
        return query.error();
    }
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    auto body = search_body(uid.value(), query.value(), wants_metadata(request), uuid_v7());
    if (!body) {
        return body.error();
    }
    return http::json_response("{" + body.value() + "}");
}

Api::Answer Api::search_post(const http::Request& request) {
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    return search(request, meili::parse_search(std::string_view(request.body)));
}

Api::Answer Api::search_get(const http::Request& request) {
    return search(request, meili::parse_search(meili::decode_query(request.query)));
}

Api::Answer Api::multi_search(const http::Request& request) {
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    const auto searches = meili::parse_multi_search(request.body);
    if (!searches) {
        return searches.error();
    }
    if (searches.value().federation_json) {
        return meili::error("bad_request", "The built-in dev node has no federated search.");
    }
    const auto request_uid = uuid_v7();
    std::string out = "{\"results\":[";
    for (std::size_t i = 0; i < searches.value().queries.size(); ++i) {
        const auto& wanted = searches.value().queries[i];
        const auto where = "Inside `.queries[" + std::to_string(i) + "]`: ";
        if (wanted.federation_options) {
            return meili::error(
                "invalid_multi_search_federation_options",
                where +
                    "Using `federationOptions` is not allowed in a non-federated search.\n - Hint: "
                    "remove `federationOptions` from the query or add `federation` to the request.");
        }
        auto body = search_body(wanted.index_uid, wanted.query, wants_metadata(request), request_uid);
        if (!body) {
            auto error = body.error();
            error.message = where + error.message;
            error.status = error.code == "index_not_found" ? 400 : error.status;
            return error;
        }
        out += (i == 0 ? "{\"indexUid\":" : ",{\"indexUid\":") + meili::json_string(wanted.index_uid) + "," +
               body.value() + "}";
    }
    return http::json_response(out + "]}");
}

}  // namespace miroir::devnode
