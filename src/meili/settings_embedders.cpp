#include "settings_embedders.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::meili {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> sources = {"openAi",       "huggingFace", "ollama",
                                                     "userProvided", "rest",        "composite"};
constexpr std::array<std::string_view, 3> poolings = {"useModel", "forceCls", "forceMean"};

constexpr std::string_view default_template =
    "{% for field in fields %}{% if field.is_searchable and field.value != nil %}{{ field.name }}: {{ "
    "field.value "
    "}}\n{% endif %}{% endfor %}";
constexpr std::string_view node_template =
    "{% for field in fields %}{% if field.is_searchable and field.value != nil and field.name != "
    "\"_miroir_shard\" and field.name != \"_miroir_version\" and field.name != \"_miroir_expires_at\" %}{{ "
    "field.name }}: {{ field.value }}\n{% endif %}{% endfor %}";

// A field as JSON; null and absent stay apart.
using Raw = std::optional<std::string>;

// Keeps the JSON of a value that `Check` accepts, and null.
template <auto Check>
Result<void> read_checked(const Place& place, Raw& out) {
    out = print(place.value);
    return place.value.is_null() ? ok() : Check(place);
}

template <class T>
Result<void> check_kind(const Place& place) {
    T ignored{};
    return read(place, ignored);
}

template <const auto& Names>
Result<void> check_choice(const Place& place) {
    const auto chosen = read_choice(place, Names);
    if (!chosen) return chosen.error();
    return ok();
}

Result<void> check_any(const Place&) {
    return ok();
}

template <auto Check>
Result<void> check_map(const Place& place) {
    if (place.value.kind != JsonKind::object) return wrong_kind(place, {Expected::object});
    for (const auto& [key, value] : place.value.members) {
        auto done = Check(place.member(key, value, place.code));
        if (!done) return done;
    }
    return ok();
}

Result<void> check_fragment(const Place& place) {
    if (place.value.is_null()) return ok();
    Raw value;
    const std::array fields = {field<read_checked<check_any>>("value", place.code, value).required()};
    return read_object(place, fields, {.ignore_unknown = true});
}

Result<void> check_distribution(const Place& place) {
    double mean = 0;
    double sigma = 0;
    const std::array fields = {
        field("mean", place.code, mean).required(),
        field("sigma", place.code, sigma).required(),
    };
    auto done = read_object(place, fields);
    if (!done) return done;
    if (mean < 0 || mean > 1) {
        return invalid_value(place,
                             "the distribution mean must be in the range [0, 1], got " + print_number(mean));
    }
    if (sigma <= 0 || sigma > 1) {
        return invalid_value(
            place, "the distribution sigma must be in the range ]0, 1], got " + print_number(sigma));
    }
    return ok();
}

Result<void> read_fields(const Place& place, std::string& out);

Result<void> read_nested(const Place& place, Raw& out) {
    if (place.value.is_null()) {
        out = "null";
        return ok();
    }
    return read_fields(place, out.emplace());
}

Result<void> read_fields(const Place& place, std::string& out) {
    constexpr auto text = read_checked<check_kind<std::string>>;
    constexpr auto count = read_checked<check_kind<std::uint64_t>>;
    constexpr auto fragments = read_checked<check_map<check_fragment>>;
    std::array<Raw, 18> values;
    const auto code = place.code;
    const std::array fields = {
        field<read_checked<check_choice<sources>>>("source", code, values[0]),
        field<text>("model", code, values[1]),
        field<text>("revision", code, values[2]),
        field<read_checked<check_choice<poolings>>>("pooling", code, values[3]),
        field<text>("apiKey", code, values[4]),
        field<count>("dimensions", code, values[5]),
        field<read_checked<check_kind<bool>>>("binaryQuantized", code, values[6]),
        field<text>("documentTemplate", code, values[7]),
        field<count>("documentTemplateMaxBytes", code, values[8]),
        field<text>("url", code, values[9]),
        field<fragments>("indexingFragments", code, values[10]),
        field<fragments>("searchFragments", code, values[11]),
        field<read_checked<check_any>>("request", code, values[12]),
        field<read_checked<check_any>>("response", code, values[13]),
        field<read_checked<check_map<check_kind<std::string>>>>("headers", code, values[14]),
        field<read_nested>("searchEmbedder", code, values[15]),
        field<read_nested>("indexingEmbedder", code, values[16]),
        field<read_checked<check_distribution>>("distribution", code, values[17]),
    };
    auto done = read_object(place, fields);
    if (!done) return done;
    out = "{";
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!values[i]) continue;
        if (out.size() > 1) out += ',';
        append_json_string(out, fields[i].name);
        out += ':' + *values[i];
    }
    out += '}';
    return ok();
}

constexpr std::array<std::string_view, 18> field_names = {"source",
                                                          "model",
                                                          "revision",
                                                          "pooling",
                                                          "apiKey",
                                                          "dimensions",
                                                          "binaryQuantized",
                                                          "documentTemplate",
                                                          "documentTemplateMaxBytes",
                                                          "url",
                                                          "indexingFragments",
                                                          "searchFragments",
                                                          "request",
                                                          "response",
                                                          "headers",
                                                          "searchEmbedder",
                                                          "indexingEmbedder",
                                                          "distribution"};

Json in_field_order(const Json& embedder) {
    Json ordered = Json::object();
    for (const auto name : field_names) {
        const auto found = embedder.find(name);
        if (found != embedder.end()) ordered[std::string(name)] = *found;
    }
    return ordered;
}

void redact(std::string& secret) {
    struct Step {
        std::size_t below;
        std::size_t kept;
        std::string_view cover;
    };
    constexpr std::array<Step, 3> steps = {{{10, 0, "XXX..."}, {20, 2, "XXXX..."}, {30, 3, "XXXXX..."}}};
    const auto step = std::ranges::find_if(steps, [&](const Step& s) { return secret.size() < s.below; });
    auto kept = step == steps.end() ? 5 : step->kept;
    while (kept < secret.size() && (static_cast<unsigned char>(secret[kept]) & 0xC0) == 0x80) ++kept;
    secret.resize(kept);
    secret += step == steps.end() ? "XXXXXX..." : step->cover;
}

std::string text_of(const Json& object, const char* key, std::string_view otherwise) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string(otherwise);
}

bool renders_documents(const Json& embedder) {
    const auto source = text_of(embedder, "source", "openAi");
    if (source == "userProvided" || source == "composite") return false;
    const auto has_fragments = [&](const char* key) {
        const auto found = embedder.find(key);
        return found != embedder.end() && found->is_object() && !found->empty();
    };
    return !has_fragments("indexingFragments") && !has_fragments("searchFragments");
}

void fill_defaults(Json& embedder) {
    if (!embedder.contains("source")) embedder["source"] = "openAi";
    const auto source = text_of(embedder, "source", "");
    if (source == "openAi" && !embedder.contains("model")) embedder["model"] = "text-embedding-3-small";
    if (source == "rest" && !embedder.contains("headers")) embedder["headers"] = Json::object();
    if (renders_documents(embedder)) {
        if (!embedder.contains("documentTemplate")) embedder["documentTemplate"] = default_template;
        if (!embedder.contains("documentTemplateMaxBytes")) embedder["documentTemplateMaxBytes"] = 400;
    }
    if (source == "composite" && embedder.contains("indexingEmbedder")) {
        fill_defaults(embedder["indexingEmbedder"]);
    }
}

// Fields of `change` over those of `current`; null removes.
Json merged(const Json& current, const Json& change) {
    auto result = current.is_object() ? current : Json::object();
    // Another source starts with its own defaults; only the text to embed stays.
    if (change.contains("source") && result.contains("source") && change["source"] != result["source"]) {
        Json kept = Json::object();
        for (const auto* key :
             {"binaryQuantized", "documentTemplate", "documentTemplateMaxBytes", "distribution"}) {
            if (result.contains(key)) kept[key] = result[key];
        }
        result = std::move(kept);
    }
    for (const auto& [key, value] : change.items()) {
        const bool by_name = key == "indexingFragments" || key == "searchFragments";
        const bool nested = by_name || key == "indexingEmbedder" || key == "searchEmbedder";
        if (value.is_null()) {
            result.erase(key);
        } else if (nested && value.is_object()) {
            result[key] = merged(result.value(key, Json::object()), value);
        } else {
            result[key] = value;
        }
    }
    return result;
}

void hide_in(Json& embedder) {
    if (embedder.contains("indexingEmbedder")) hide_in(embedder["indexingEmbedder"]);
    if (!embedder.is_object() || !renders_documents(embedder)) return;
    if (text_of(embedder, "documentTemplate", default_template) == default_template) {
        embedder["documentTemplate"] = node_template;
        embedder = in_field_order(embedder);
    }
}

void restore_in(Json& node, const Json& client) {
    if (!node.is_object()) return;
    const auto own = [&](const char* key) { return client.is_object() && client.contains(key); };
    if (node.contains("apiKey") && own("apiKey")) node["apiKey"] = client["apiKey"];
    if (text_of(node, "documentTemplate", "") == node_template) {
        if (own("documentTemplate")) {
            node["documentTemplate"] = client["documentTemplate"];
        } else {
            node["documentTemplate"] = default_template;
        }
    }
    for (const auto* key : {"searchEmbedder", "indexingEmbedder"}) {
        if (node.contains(key)) restore_in(node[key], own(key) ? client[key] : Json());
    }
}

}  // namespace

Result<void> read_embedder(const Place& place, Setting<std::string>& out) {
    if (place.value.is_null()) {
        out = Setting<std::string>::to_default();
        return ok();
    }
    out = Setting<std::string>(std::string());
    return read_fields(place, out.value);
}

std::vector<EmbedderFeatureUse> embedder_feature_uses(std::string_view embedder_json) {
    const auto embedder = Json::parse(embedder_json, nullptr, false);
    std::vector<EmbedderFeatureUse> uses;
    if (!embedder.is_object()) return uses;
    const auto has = [&](const char* key) { return embedder.contains(key) && !embedder[key].is_null(); };
    if (has("source") && embedder["source"] == "composite")
        uses.push_back({"using `\"composite\"` as source"});
    if (has("searchEmbedder")) uses.push_back({"setting `searchEmbedder`"});
    if (has("indexingEmbedder")) uses.push_back({"setting `indexingEmbedder`"});
    if (has("indexingFragments")) uses.push_back({"setting `indexingFragments`", true});
    if (has("searchFragments")) uses.push_back({"setting `searchFragments`", true});
    return uses;
}

void redact_api_keys(Json& embedders) {
    if (!embedders.is_object()) return;
    for (auto& [name, embedder] : embedders.items()) {
        if (!embedder.is_object() || !embedder.contains("apiKey")) continue;
        if (!embedder["apiKey"].is_string()) continue;
        redact(embedder["apiKey"].get_ref<std::string&>());
    }
}

Json merged_embedder(const Json& current, const Json& change) {
    auto embedder = merged(current, change);
    fill_defaults(embedder);
    auto ordered = in_field_order(embedder);
    for (const auto* key : {"searchEmbedder", "indexingEmbedder"}) {
        if (ordered.contains(key)) ordered[key] = in_field_order(ordered[key]);
    }
    return ordered;
}

void hide_reserved_fields(Json& embedders) {
    for (auto& [name, embedder] : embedders.items()) hide_in(embedder);
}

void restore_embedders(Json& node, const Json& client) {
    for (auto& [name, embedder] : node.items()) {
        restore_in(embedder, client.is_object() && client.contains(name) ? client[name] : Json());
    }
}

}  // namespace miroir::meili
