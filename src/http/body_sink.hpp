#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "body_account.hpp"
#include "content_coding.hpp"

namespace miroir::http {

// simdjson reads this far past the end of what it parses.
inline constexpr std::size_t body_padding = 64;

// Collects a message's body, decoded, in one string.
class BodySink {
public:
    enum class Fault { none, too_large, corrupt, no_memory };

    // `length` is the encoded length when it is known. `hold`, if any, has a say in how large the body may
    // become; it outlives what is appended.
    void expect(Coding coding, std::optional<std::uint64_t> length, std::uint64_t bytes_max,
                BodyHold* hold = nullptr);
    // False once there is a fault.
    bool append(std::string_view piece);
    // After the last piece: is the encoding complete?
    bool finish();
    Fault fault() const { return fault_; }
    // The body, with `body_padding` readable bytes after its end.
    std::string take();
    // Frees the memory.
    void drop();

private:
    void decode(std::string_view piece);
    bool held();

    std::string body_;
    std::optional<Decoder> decoder_;
    std::uint64_t bytes_max_ = 0;
    std::uint64_t encoded_bytes_ = 0;
    BodyHold* hold_ = nullptr;
    Fault fault_ = Fault::none;
};

}  // namespace miroir::http
