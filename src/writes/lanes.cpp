#include "miroir/writes/lanes.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace miroir::writes {

struct Lanes::Place::Slot {
    Slot(Executor executor, coordination::ConflictSet set) : conflicts(std::move(set)), ended(executor) {
        ended.expires_at(SteadyTime::max());
    }
    coordination::ConflictSet conflicts;
    bool left = false;
    // Never expires: cancelled when the slot is left, which wakes everyone behind it.
    asio::steady_timer ended;
};

struct Lanes::Place::Lane {
    std::deque<std::shared_ptr<Slot>> slots;
};

bool conflict(const coordination::ConflictSet& left, const coordination::ConflictSet& right) {
    if (left.whole_index || right.whole_index) {
        return true;
    }
    auto a = left.shards.begin();
    auto b = right.shards.begin();
    while (a != left.shards.end() && b != right.shards.end()) {
        if (*a == *b) {
            return true;
        }
        if (*a < *b) {
            ++a;
        } else {
            ++b;
        }
    }
    return false;
}

Lanes::Lanes(Executor executor) : executor_(std::move(executor)) {}
Lanes::~Lanes() = default;

Lanes::Place::Place(std::shared_ptr<Lane> lane, std::shared_ptr<Slot> slot)
    : lane_(std::move(lane)), slot_(std::move(slot)) {}

Lanes::Place& Lanes::Place::operator=(Place&& other) noexcept {
    leave();
    lane_ = std::move(other.lane_);
    slot_ = std::move(other.slot_);
    return *this;
}

Lanes::Place::~Place() {
    leave();
}

void Lanes::Place::leave() {
    if (!slot_) {
        return;
    }
    slot_->left = true;
    slot_->ended.cancel();
    auto& slots = lane_->slots;
    slots.erase(std::remove(slots.begin(), slots.end(), slot_), slots.end());
    slot_.reset();
    lane_.reset();
}

Async<void> Lanes::Place::turn() {
    const auto lane = lane_;
    const auto mine = slot_;
    for (;;) {
        std::shared_ptr<Slot> before;
        for (const auto& slot : lane->slots) {
            if (slot == mine) {
                break;
            }
            if (conflict(slot->conflicts, mine->conflicts)) {
                before = slot;
                break;
            }
        }
        if (!before) {
            co_return;
        }
        boost::system::error_code cancelled;
        auto woken = asio::redirect_error(asio::use_awaitable, cancelled);
        co_await before->ended.async_wait(woken);
    }
}

Lanes::Place Lanes::enter(const PhysicalIndexUid& index, const NodeId& node,
                          const coordination::ConflictSet& conflicts) {
    auto& lane = lanes_[{index, node}];
    if (!lane) {
        lane = std::make_shared<Place::Lane>();
    }
    auto slot = std::make_shared<Place::Slot>(executor_, conflicts);
    lane->slots.push_back(slot);
    return Place(lane, std::move(slot));
}

std::size_t Lanes::held() const {
    std::size_t total = 0;
    for (const auto& [key, lane] : lanes_) {
        total += lane->slots.size();
    }
    return total;
}

}  // namespace miroir::writes
