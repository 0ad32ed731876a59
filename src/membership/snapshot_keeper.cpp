#include "miroir/membership/snapshot_keeper.hpp"

#include <algorithm>
#include <map>

namespace miroir::membership {

namespace {

std::set<std::pair<PhysicalIndexUid, NodeId>> stale_settings(
    const cluster::Topology& topology, const std::vector<cluster::IndexEntry>& indexes,
    const std::vector<coordination::AppliedSettings>& applied) {
    std::map<std::pair<PhysicalIndexUid, NodeId>, SettingsVersion> versions;
    for (const auto& one : applied) {
        versions[{one.index, one.node}] = one.version;
    }
    std::set<std::pair<PhysicalIndexUid, NodeId>> stale;
    for (const auto& index : indexes) {
        for (const auto& node : topology.nodes) {
            const auto found = versions.find({index.physical, node.id});
            if (found == versions.end() || found->second < index.settings_version) {
                stale.emplace(index.physical, node.id);
            }
        }
    }
    return stale;
}

}  // namespace

SnapshotKeeper::SnapshotKeeper(coordination::Store& store)
    : store_(store), current_(std::make_shared<cluster::Snapshot>()) {}

cluster::SnapshotPtr SnapshotKeeper::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

Async<void> SnapshotKeeper::follow() {
    const auto version = co_await store_.view_version();
    if (version != version_) {
        co_await refresh();
    }
}

Async<void> SnapshotKeeper::refresh() {
    // Read first: what changes while the rest is read is read again.
    const auto version = co_await store_.view_version();
    auto topology = co_await store_.topology().load();
    auto indexes = co_await store_.catalog().list();
    auto applied = co_await store_.settings_versions().all();
    const auto frozen = co_await store_.journal().frozen();
    for (const auto& reader : readers_) {
        co_await reader();
    }
    // Read last: a mark that is recorded while the rest was read must not be lost.
    auto dirty = co_await store_.ledger().copies();

    auto next = std::make_shared<cluster::Snapshot>();
    if (topology) {
        next->topology = std::move(*topology);
    }
    next->stale_settings = stale_settings(next->topology, indexes, applied);
    next->dirty = std::move(dirty);
    next->unsettled = unsettled_;
    std::set<PhysicalIndexUid> frozen_by_somebody;
    for (const auto& index : indexes) {
        if (frozen.count(index.logical) != 0) {
            frozen_by_somebody.insert(index.physical);
        }
    }
    std::erase_if(settled_, [&](const auto& index) { return frozen_by_somebody.count(index) == 0; });
    for (const auto& index : frozen_by_somebody) {
        if (settled_.count(index) == 0) {
            next->unsettled.try_emplace(index, cluster::SettingsPhase::divergent);
        }
    }
    const auto before = current();
    for (auto& index : indexes) {
        const auto known = before->find(index.logical);
        const auto uid = index.logical;
        if (known && *known == index) {
            next->indexes.emplace(uid, known);
        } else {
            next->indexes.emplace(uid, std::make_shared<const cluster::IndexEntry>(std::move(index)));
        }
    }
    version_ = version;
    publish(std::move(next));
}

void SnapshotKeeper::add_dirty(const std::set<cluster::CopyRef>& copies) {
    const auto before = current();
    const bool known = std::all_of(copies.begin(), copies.end(),
                                   [&](const auto& copy) { return before->dirty.count(copy) != 0; });
    if (known) {
        return;
    }
    auto next = std::make_shared<cluster::Snapshot>(*before);
    next->dirty.insert(copies.begin(), copies.end());
    publish(std::move(next));
}

void SnapshotKeeper::set_settings_phase(PhysicalIndexUid index, std::optional<cluster::SettingsPhase> phase) {
    auto next = std::make_shared<cluster::Snapshot>(*current());
    if (phase) {
        next->unsettled[index] = *phase;
        unsettled_[index] = *phase;
        settled_.erase(index);
    } else {
        next->unsettled.erase(index);
        unsettled_.erase(index);
        settled_.insert(index);
    }
    publish(std::move(next));
}

void SnapshotKeeper::read_too(std::function<Async<void>()> reader) {
    readers_.push_back(std::move(reader));
}

void SnapshotKeeper::on_change(std::function<void(const cluster::Snapshot&)> listener) {
    listeners_.push_back(std::move(listener));
}

void SnapshotKeeper::publish(std::shared_ptr<const cluster::Snapshot> next) {
    {
        const std::lock_guard lock(mutex_);
        current_ = next;
    }
    for (const auto& listener : listeners_) {
        listener(*next);
    }
}

}  // namespace miroir::membership
