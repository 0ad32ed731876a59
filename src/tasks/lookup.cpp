#include "lookup.hpp"

#include <algorithm>
#include <charconv>

#include "miroir/tasks/task_poller.hpp"

namespace miroir::tasks {

using nlohmann::ordered_json;

namespace {

std::string text_of(const ordered_json& task, const char* key) {
    const auto found = task.find(key);
    return found != task.end() && found->is_string() ? found->get<std::string>() : "";
}

bool goes_back_to_sending(const coordination::PartLookup& sought, const NodeTaskPage& page) {
    return page.is_whole || (sought.newest_before && !page.items.empty() &&
                             page.items.front().uid <= std::uint64_t{*sought.newest_before} + 1);
}

void check_order(const coordination::PartLookup& sought, const NodeTaskPage& page, LookupAnswer& answer) {
    const auto first = answer.node_tasks.front();
    const auto last = answer.node_tasks.back();
    const auto is_ours = [&](const auto& item) { return item.uid == first; };
    const auto& index = std::find_if(page.items.begin(), page.items.end(), is_ours)->index;
    for (const auto& item : page.items) {
        const bool sent_earlier = sought.newest_before && item.uid <= *sought.newest_before;
        if (sent_earlier || item.index != index || !item.writes_documents) {
            continue;
        }
        const bool before = item.uid < last;
        const bool after = item.uid > first;
        if (!item.mark) {
            answer.order_unsure = answer.order_unsure || before;
        } else if ((before && item.mark->uid > sought.uid) || (after && item.mark->uid < sought.uid)) {
            answer.inverted_with.push_back(item.mark->uid);
        }
    }
}

}  // namespace

std::optional<TaskMark> parse_task_mark(const std::string& metadata) {
    const std::string lead = "miroir:";
    if (!metadata.starts_with(lead)) {
        return std::nullopt;
    }
    TaskMark mark;
    const char* end = metadata.data() + metadata.size();
    const auto parsed = std::from_chars(metadata.data() + lead.size(), end, mark.uid);
    if (parsed.ec != std::errc{} || parsed.ptr == end || *parsed.ptr != ':') {
        return std::nullopt;
    }
    mark.nonce.assign(parsed.ptr + 1, end);
    return mark;
}

NodeTaskPage page_of(const NodeTasks& newest, std::size_t limit) {
    NodeTaskPage page;
    page.is_whole = newest.size() < limit;
    for (const auto& [uid, task] : newest) {
        NodeTaskPage::Item item;
        item.uid = uid;
        item.index = text_of(task, "indexUid");
        item.writes_documents = is_document_task(text_of(task, "type"));
        item.mark = parse_task_mark(text_of(task, "customMetadata"));
        page.items.push_back(std::move(item));
    }
    return page;
}

LookupAnswer look_up(const coordination::PartLookup& sought, const NodeTaskPage& page) {
    LookupAnswer answer;
    for (const auto& item : page.items) {
        if (item.mark && item.mark->uid == sought.uid && item.mark->nonce == sought.nonce) {
            answer.node_tasks.push_back(item.uid);
        }
    }
    const bool reaches = goes_back_to_sending(sought, page);
    if (answer.node_tasks.size() < sought.node_tasks || answer.node_tasks.empty()) {
        answer.node_tasks.clear();
        answer.sighting = reaches ? Sighting::absent : Sighting::out_of_reach;
        return answer;
    }
    answer.sighting = Sighting::found;
    answer.order_unsure = !reaches;
    check_order(sought, page, answer);
    return answer;
}

}  // namespace miroir::tasks
