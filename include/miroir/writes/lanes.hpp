#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <utility>

#include "miroir/base/ids.hpp"
#include "miroir/coordination/write_journal.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::writes {

// Per index and node, the order in which conflicting requests leave: a request may be sent when every
// conflicting one that entered before it has been answered. Runs on one executor; entering is synchronous, so
// that the order of calls is the order of sending.
class Lanes {
public:
    explicit Lanes(Executor executor);
    ~Lanes();

    // A place in one lane; leaving (destruction) lets the next ones go.
    class Place {
    public:
        Place(Place&& other) noexcept = default;
        Place& operator=(Place&& other) noexcept;
        ~Place();
        // Returns when it is this request's turn.
        Async<void> turn();
        void leave();

    private:
        friend class Lanes;
        struct Slot;
        struct Lane;
        Place(std::shared_ptr<Lane> lane, std::shared_ptr<Slot> slot);
        std::shared_ptr<Lane> lane_;
        std::shared_ptr<Slot> slot_;
    };

    Place enter(const PhysicalIndexUid& index, const NodeId& node,
                const coordination::ConflictSet& conflicts);

    // Places held in all lanes, waiting or sending.
    std::size_t held() const;

private:
    Executor executor_;
    std::map<std::pair<PhysicalIndexUid, NodeId>, std::shared_ptr<Place::Lane>> lanes_;
};

// True when two entries of one index must be ordered.
bool conflict(const coordination::ConflictSet& left, const coordination::ConflictSet& right);

}  // namespace miroir::writes
