#include <array>
#include <set>

#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/query_reader.hpp"
#include "miroir/meili/requests.hpp"

namespace miroir::meili {
namespace {

std::optional<ApiError> refuse_immutable(std::string_view key, std::span<const std::string_view> known) {
    if (key == "createdAt") {
        return immutable_field(key, known, "immutable_index_created_at");
    }
    if (key == "updatedAt") {
        return immutable_field(key, known, "immutable_index_updated_at");
    }
    return std::nullopt;
}

struct SwapBody {
    std::vector<std::string> indexes;
    bool rename = false;
};

Result<void> read(const Place& place, SwapBody& out) {
    const std::array fields{
        field<read_index_uids>("indexes", "invalid_swap_indexes", out.indexes)
            .required("missing_swap_indexes"),
        field("rename", "invalid_swap_rename", out.rename),
    };
    return read_object(place, fields);
}

Result<void> read_size_format(const Place& place, bool& human) {
    static constexpr std::array<std::string_view, 2> names{"human", "raw"};
    const auto index = read_choice(place, names);
    if (!index) {
        return index.error();
    }
    human = index.value() == 0;
    return ok();
}

ApiError wrong_swap_length(const std::vector<std::string>& indexes) {
    std::string list;
    for (const std::string& index : indexes) {
        list += (list.empty() ? "\"" : ", \"") + index + "\"";
    }
    return error("invalid_swap_indexes", "Two indexes must be given for each swap. The list `[" + list +
                                             "]` contains " + std::to_string(indexes.size()) + " indexes.");
}

}  // namespace

Result<Page> parse_index_page(const QueryParameters& parameters) {
    Page page;
    const std::array fields{
        field<read_query_unsigned>("offset", "invalid_index_offset", page.offset),
        field<read_query_unsigned>("limit", "invalid_index_limit", page.limit),
    };
    auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    return page;
}

Result<IndexCreation> parse_index_creation(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    IndexCreation creation;
    const std::array fields{
        field<read_index_uid>("uid", "invalid_index_uid", creation.uid).required("missing_index_uid"),
        field("primaryKey", "invalid_index_primary_key", creation.primary_key),
    };
    auto done = read_object(Place{.value = json.value()}, fields);
    if (!done) {
        return done.error();
    }
    return creation;
}

Result<IndexUpdate> parse_index_update(std::string_view path_uid, std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    IndexUpdate update;
    const std::array fields{
        field("primaryKey", "invalid_index_primary_key", update.primary_key),
        field("uid", "invalid_index_uid", update.uid),
    };
    auto done =
        read_object(Place{.value = json.value()}, fields, ObjectRules{.on_unknown = refuse_immutable});
    if (done) {
        done = check_index_uid(path_uid);
    }
    if (done && update.uid) {
        done = check_index_uid(*update.uid);
    }
    if (!done) {
        return done.error();
    }
    return update;
}

Result<std::vector<IndexSwap>> parse_index_swaps(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    std::vector<SwapBody> bodies;
    const Place place{.value = json.value()};
    if (place.value.kind != JsonKind::array) {
        return wrong_kind(place, {Expected::array});
    }
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        auto done = read(place.element(i, place.value.items[i]), bodies.emplace_back());
        if (!done) {
            return done.error();
        }
    }
    std::vector<IndexSwap> swaps;
    for (SwapBody& swap : bodies) {
        if (swap.indexes.size() != 2) {
            return wrong_swap_length(swap.indexes);
        }
        swaps.push_back({std::move(swap.indexes[0]), std::move(swap.indexes[1]), swap.rename});
    }
    return swaps;
}

Result<void> check_index_swaps(const std::vector<IndexSwap>& swaps) {
    std::set<std::string_view> seen;
    std::set<std::string_view> repeated;
    for (const IndexSwap& swap : swaps) {
        for (const std::string* uid : {&swap.first, &swap.second}) {
            if (!seen.insert(*uid).second) {
                repeated.insert(*uid);
            }
        }
    }
    if (repeated.empty()) {
        return ok();
    }
    const std::string verb = repeated.size() == 1 ? " was" : " were";
    return error("invalid_swap_duplicate_index_found", "Indexes must be declared only once during a swap. " +
                                                           quoted_list(repeated) + verb +
                                                           " specified several times.");
}

Result<StatsQuery> parse_stats_query(const QueryParameters& parameters) {
    StatsQuery query;
    const std::array fields{
        field<read_query_boolean>("showInternalDatabaseSizes", "invalid_stats_show_internal_database_sizes",
                                  query.show_internal_database_sizes),
        field<read_size_format>("sizeFormat", "invalid_stats_size_format", query.human_sizes),
    };
    auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    return query;
}

}  // namespace miroir::meili
