#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace miroir::http {

enum class Coding { identity, gzip, deflate, br };
std::string_view name_of(Coding coding);

// The coding of a content-encoding header; unknown ones count as identity, as in Meilisearch.
Coding coding_named(std::string_view content_encoding);

// What to send to a client with this accept-encoding header: its favourite by q, the cheaper one among
// equals.
Coding best_accepted(std::string_view accept_encoding);

// Undoes one coding, piece by piece.
class Decoder {
public:
    enum class Status { ok, corrupt, too_large };

    explicit Decoder(Coding coding);
    ~Decoder();
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;

    // Appends to `out`, which never grows beyond `bytes_max`.
    Status feed(std::string_view in, std::string& out, std::uint64_t bytes_max);
    // True when what was fed is a complete encoding.
    bool complete() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Applies one coding, piece by piece.
class Encoder {
public:
    explicit Encoder(Coding coding);
    ~Encoder();

    void feed(std::string_view in, bool last, std::string& out);

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string encode(Coding coding, std::string_view bytes);

}  // namespace miroir::http
