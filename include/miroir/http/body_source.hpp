#pragma once

#include <cstdint>
#include <string_view>

namespace miroir::http {

// A request's body that is made while it is sent: what is large is never there as a whole, and the pieces of
// requests that share their bytes cost nothing until they leave.
class BodySource {
public:
    virtual ~BodySource() = default;
    // Of all pieces together; never changes.
    virtual std::uint64_t size() const = 0;
    // The next piece, valid until the next call of next() or rewind(); empty once all are through.
    virtual std::string_view next() = 0;
    // From the beginning again, as it must be before the first next().
    virtual void rewind() = 0;
};

}  // namespace miroir::http
