#include <algorithm>
#include <set>

#include "devnode/geo_check.hpp"
#include "devnode/task_runner.hpp"
#include "miroir/meili/document_id.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/filterable_rules.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/primary_key.hpp"

namespace miroir::devnode {

namespace {

// How a request wants its documents to be written.
struct Addition {
    bool merge = false;
    bool skip_creation = false;
    std::optional<std::string> primary_key;
    meili::PayloadFormat format = meili::PayloadFormat::json;
    char delimiter = ',';
};

Addition read_addition(const JsonValue& parameters) {
    Addition out;
    const auto text = [&](std::string_view name) {
        const JsonValue* value = parameters.find(name);
        return value && value->kind == JsonKind::string ? value->string : std::string();
    };
    out.merge = parameters.find("merge")->boolean;
    out.skip_creation = parameters.find("skipCreation")->boolean;
    if (parameters.find("primaryKey")->kind == JsonKind::string) {
        out.primary_key = text("primaryKey");
    }
    const auto format = text("format");
    out.format = format == "csv"      ? meili::PayloadFormat::csv
                 : format == "ndjson" ? meili::PayloadFormat::ndjson
                                      : meili::PayloadFormat::json;
    out.delimiter = text("delimiter").empty() ? ',' : text("delimiter").front();
    return out;
}

// A document of the request becomes the stored one, or changes it member by member.
JsonValue merged(const JsonValue* stored, const JsonValue& sent) {
    if (!stored) {
        return sent;
    }
    JsonValue out = *stored;
    for (const auto& member : sent.members) {
        const auto same = [&](const meili::JsonMember& other) { return other.key == member.key; };
        const auto found = std::find_if(out.members.begin(), out.members.end(), same);
        if (found == out.members.end()) {
            out.members.push_back(member);
        } else {
            found->value = member.value;
        }
    }
    return out;
}

std::string addition_details(const Task& task, std::uint64_t indexed) {
    auto details = task.details;
    details.replace(details.find("null"), 4, std::to_string(indexed));
    return details;
}

std::string deletion_details(std::size_t provided, std::size_t deleted, const std::string& filter_json) {
    return "{\"providedIds\":" + std::to_string(provided) +
           ",\"deletedDocuments\":" + std::to_string(deleted) +
           ",\"originalFilter\":" + (filter_json.empty() ? "null" : meili::json_string(filter_json)) + "}";
}

}  // namespace

TaskOutcome TaskRunner::add_documents(const Task& task, const JsonValue& parameters) {
    Index* index = find_index(indexes_, *task.index_uid);
    if (!index) {
        index = &make_index(*task.index_uid);
    }
    auto indexed = add_batch(*index, task, parameters);
    if (!indexed) {
        return {addition_details(task, 0), std::move(indexed.error())};
    }
    return {addition_details(task, indexed.value()), std::nullopt};
}

Result<std::uint64_t> TaskRunner::add_batch(Index& index, const Task& task, const JsonValue& parameters) {
    const auto addition = read_addition(parameters);
    std::string body = task.payload;
    body.reserve(body.size() + 64);
    auto batch = meili::scan_documents(body, addition.format, addition.delimiter);
    if (!batch) {
        return batch.error();
    }
    auto key = meili::choose_primary_key(batch.value(), index.primary_key, addition.primary_key);
    if (!key) {
        return key.error();
    }
    if (!key.value()) {
        return std::uint64_t{0};
    }
    auto ids = meili::extract_document_ids(batch.value(), *key.value());
    if (!ids) {
        return ids.error();
    }
    if (batch.value().unreadable) {
        return meili::error("internal",
                            "An internal error has occurred. `" + batch.value().unreadable->second + "`.");
    }
    std::map<std::string, std::size_t> slots;
    std::vector<std::pair<std::string, JsonValue>> documents;
    for (std::size_t i = 0; i < ids.value().size(); ++i) {
        std::string id(ids.value()[i]);
        auto sent = meili::parse_json(batch.value()[i]);
        const auto [slot, added] = slots.try_emplace(id, documents.size());
        if (added) {
            const auto stored = index.find(id);
            documents.emplace_back(
                id, addition.merge && stored ? merged(&stored->tree, sent.value()) : sent.value());
        } else {
            auto& known = documents[slot->second].second;
            known = addition.merge ? merged(&known, sent.value()) : sent.value();
        }
    }
    for (const auto& [id, document] : documents) {
        if (auto checked = check_geo(index.rules(), index.uid, id, document); !checked) {
            return checked.error();
        }
    }
    index.primary_key = *key.value();
    for (const auto& [id, document] : documents) {
        const auto previous = index.find(id);
        if (!previous && addition.skip_creation) {
            continue;
        }
        const auto stored = index.make_document(index.number_for(id), id, meili::print(document));
        storage_.put_document(index, *stored, previous.get());
        index.put(stored);
    }
    touch(index);
    return documents.size();
}

void TaskRunner::remove_document(Index& index, const Document& document) {
    storage_.delete_document(index, document);
    index.remove(document.number);
}

TaskOutcome TaskRunner::delete_by_ids(const Task& task, const JsonValue& parameters) {
    const auto provided = parameters.items.size();
    Index* index = find_index(indexes_, *task.index_uid);
    if (!index) {
        return {deletion_details(provided, 0, ""), meili::index_not_found(*task.index_uid)};
    }
    std::size_t deleted = 0;
    for (const auto& id : parameters.items) {
        if (const auto document = index->find(id.string)) {
            remove_document(*index, *document);
            ++deleted;
        }
    }
    touch(*index);
    return {deletion_details(provided, deleted, ""), std::nullopt};
}

TaskOutcome TaskRunner::delete_by_filter(const Task& task, const JsonValue& parameters) {
    constexpr std::string_view code = "invalid_document_filter";
    const auto filter_json = meili::print(parameters);
    const auto none = deletion_details(0, 0, filter_json);
    Index* index = find_index(indexes_, *task.index_uid);
    if (!index) {
        return {none, meili::index_not_found(*task.index_uid)};
    }
    const auto parameter = meili::parse_filter_parameter(filter_json, code);
    const auto filter = parameter ? meili::parse_filter(parameter.value(), code) : parameter.error();
    if (!filter) {
        return {none, filter.error()};
    }
    const FilterView::IsKnown known = [&](std::string_view name) {
        return index->knows_field(std::string(name));
    };
    if (auto checked = meili::check_filterable(filter.value(), index->rules().filterable, code, known);
        !checked) {
        return {none, meili::error(code, "Index `" + index->uid + "`: " + checked.error().message)};
    }
    std::vector<DocumentPointer> selected;
    for (const auto& document : index->documents()) {
        if (document && meili::evaluate(filter.value(), FilterView(document->tree, known))) {
            selected.push_back(document);
        }
    }
    for (const auto& document : selected) {
        remove_document(*index, *document);
    }
    touch(*index);
    return {deletion_details(0, selected.size(), filter_json), std::nullopt};
}

}  // namespace miroir::devnode
