#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/settings.hpp"

namespace miroir::meili {

// Checks the kinds of an embedder's fields and gives them in the engine's order.
Result<void> read_embedder(const Place& place, Setting<std::string>& out);

// What an embedder's fields need of the experimental features, in the order they are checked.
struct EmbedderFeatureUse {
    std::string_view action;
    // Else `composite embedders`.
    bool multimodal = false;
};
std::vector<EmbedderFeatureUse> embedder_feature_uses(std::string_view embedder_json);

// Replaces API keys by their first characters. Those of nested embedders stay readable, as in the engine.
void redact_api_keys(nlohmann::ordered_json& embedders);

// One embedder after a change, with the defaults that the engine shows for its source.
nlohmann::ordered_json merged_embedder(const nlohmann::ordered_json& current,
                                       const nlohmann::ordered_json& change);

// Replaces the default document template, which would print the reserved fields, by one that skips them.
void hide_reserved_fields(nlohmann::ordered_json& embedders);
// The client's view of a node's embedders: its own API keys and templates.
void restore_embedders(nlohmann::ordered_json& node, const nlohmann::ordered_json& client);

}  // namespace miroir::meili
