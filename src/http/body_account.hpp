#pragma once

#include <atomic>
#include <cstdint>

#include "miroir/base/metrics.hpp"
#include "miroir/http/message.hpp"

namespace miroir::http {

// The memory that the bodies of all requests of a server take, from their first byte until their request has
// been answered. Small bodies are free: so reads go on while uploads fill the memory. Safe from every thread.
class BodyAccount {
public:
    static constexpr std::uint64_t free_bytes = 16 * 1024;

    BodyAccount(std::uint64_t bytes_max, Gauge& shown) : bytes_max_(bytes_max), shown_(shown) {}

    // Would a body of this size be refused as things stand?
    bool too_much(std::uint64_t bytes) const { return bytes > free_bytes && used_ + bytes > bytes_max_; }

private:
    friend class BodyHold;
    bool take(std::uint64_t bytes) {
        const auto used = used_.fetch_add(bytes) + bytes;
        if (used > bytes_max_) {
            used_ -= bytes;
            return false;
        }
        shown_.set(static_cast<double>(used));
        return true;
    }
    void give_back(std::uint64_t bytes) { shown_.set(static_cast<double>(used_.fetch_sub(bytes) - bytes)); }

    const std::uint64_t bytes_max_;
    std::atomic<std::uint64_t> used_ = 0;
    Gauge& shown_;
};

// One body's part of the account; given back at the end.
class BodyHold {
public:
    // With each counted body, `overhead_bytes` count: what is used to receive it.
    BodyHold(BodyAccount& account, std::uint64_t overhead_bytes)
        : account_(account), overhead_bytes_(overhead_bytes) {}
    ~BodyHold() { release(); }
    BodyHold(const BodyHold&) = delete;

    // False when the body must not become so large.
    bool grow_to(std::uint64_t body_bytes) {
        if (body_bytes <= BodyAccount::free_bytes) return true;
        const auto bytes = body_bytes + overhead_bytes_;
        if (bytes <= held_) return true;
        if (!account_.take(bytes - held_)) return false;
        held_ = bytes;
        return true;
    }
    Room room_for(std::uint64_t bytes) {
        if (grow_to(bytes)) return Room::enough;
        return bytes + overhead_bytes_ > account_.bytes_max_ ? Room::never : Room::not_now;
    }
    void release() {
        if (held_ > 0) account_.give_back(held_);
        held_ = 0;
    }

private:
    BodyAccount& account_;
    const std::uint64_t overhead_bytes_;
    std::uint64_t held_ = 0;
};

}  // namespace miroir::http
