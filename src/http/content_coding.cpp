#include "content_coding.hpp"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>

#include "text.hpp"

namespace miroir::http {

namespace {

constexpr std::size_t step_bytes = 32 * 1024;
// Fast ones: answers are compressed on the I/O threads.
constexpr int zlib_level = 3;
constexpr int brotli_quality = 3;
constexpr int gzip_window_bits = 15 + 16;

int window_bits(Coding coding) {
    return coding == Coding::gzip ? gzip_window_bits : 15;
}

unsigned char* mutable_bytes(std::string_view text) {
    return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

// zlib counts with 32 bits.
uInt capped(std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, 1u << 30));
}

}  // namespace

std::string_view name_of(Coding coding) {
    switch (coding) {
        case Coding::gzip:
            return "gzip";
        case Coding::deflate:
            return "deflate";
        case Coding::br:
            return "br";
        case Coding::identity:
            break;
    }
    return "identity";
}

Coding coding_named(std::string_view content_encoding) {
    const auto name = trim(content_encoding);
    if (same_ignoring_case(name, "gzip") || same_ignoring_case(name, "x-gzip")) return Coding::gzip;
    if (same_ignoring_case(name, "deflate")) return Coding::deflate;
    if (same_ignoring_case(name, "br")) return Coding::br;
    return Coding::identity;
}

Coding best_accepted(std::string_view accept_encoding) {
    // In the order of preference among equals.
    static constexpr std::array offered{Coding::gzip, Coding::br, Coding::deflate};
    std::array<double, offered.size()> wanted{};
    std::array<bool, offered.size()> named{};
    double identity = 0;
    double others = 0;
    for_each_listed(accept_encoding, [&](std::string_view item) {
        const auto semicolon = item.find(';');
        const auto name = trim(item.substr(0, semicolon));
        double q = 1;
        if (semicolon != std::string_view::npos) {
            const auto parameter = trim(item.substr(semicolon + 1));
            if (starts_ignoring_case(parameter, "q="))
                q = std::strtod(std::string(parameter.substr(2)).c_str(), nullptr);
        }
        if (name == "*") others = q;
        if (same_ignoring_case(name, "identity")) identity = q;
        for (std::size_t i = 0; i < offered.size(); ++i) {
            if (coding_named(name) != offered[i]) continue;
            wanted[i] = q;
            named[i] = true;
        }
    });
    Coding best = Coding::identity;
    double best_q = 0;
    for (std::size_t i = 0; i < offered.size(); ++i) {
        const double q = named[i] ? wanted[i] : others;
        if (q <= best_q || q < identity) continue;
        best = offered[i];
        best_q = q;
    }
    return best;
}

struct Decoder::State {
    explicit State(Coding c) : coding(c) {
        if (coding == Coding::br) {
            brotli = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
            if (!brotli) throw std::bad_alloc();
        } else if (inflateInit2(&zlib, window_bits(coding)) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~State() {
        if (coding == Coding::br) {
            BrotliDecoderDestroyInstance(brotli);
        } else {
            inflateEnd(&zlib);
        }
    }
    State(const State&) = delete;

    Status feed_brotli(std::string_view in, std::string& out, std::uint64_t bytes_max) {
        const auto* next_in = mutable_bytes(in);
        std::size_t in_left = in.size();
        for (;;) {
            if (ended) return in_left == 0 ? Status::ok : Status::corrupt;
            std::array<unsigned char, step_bytes> step;
            unsigned char* next_out = step.data();
            std::size_t out_left = step.size();
            const auto result =
                BrotliDecoderDecompressStream(brotli, &in_left, &next_in, &out_left, &next_out, nullptr);
            const std::size_t made = step.size() - out_left;
            if (made > bytes_max - out.size()) return Status::too_large;
            out.append(reinterpret_cast<const char*>(step.data()), made);
            if (result == BROTLI_DECODER_RESULT_ERROR) return Status::corrupt;
            if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) return Status::ok;
            ended = result == BROTLI_DECODER_RESULT_SUCCESS;
        }
    }

    Status feed_zlib(std::string_view in, std::string& out, std::uint64_t bytes_max) {
        bool more_out = false;
        while (!in.empty() || more_out) {
            if (ended) {
                // A gzip file may consist of several members.
                if (coding != Coding::gzip || inflateReset(&zlib) != Z_OK) return Status::corrupt;
                ended = false;
            }
            std::array<unsigned char, step_bytes> step;
            zlib.next_in = mutable_bytes(in);
            zlib.avail_in = capped(in.size());
            zlib.next_out = step.data();
            zlib.avail_out = step.size();
            const uInt offered = zlib.avail_in;
            const int result = inflate(&zlib, Z_NO_FLUSH);
            const std::size_t made = step.size() - zlib.avail_out;
            if (made > bytes_max - out.size()) return Status::too_large;
            out.append(reinterpret_cast<const char*>(step.data()), made);
            in.remove_prefix(offered - zlib.avail_in);
            if (result == Z_STREAM_END) {
                ended = true;
            } else if (result == Z_BUF_ERROR) {
                return Status::ok;
            } else if (result != Z_OK) {
                return Status::corrupt;
            }
            more_out = !ended && zlib.avail_out == 0;
        }
        return Status::ok;
    }

    Coding coding;
    z_stream zlib{};
    BrotliDecoderState* brotli = nullptr;
    bool ended = false;
};

Decoder::Decoder(Coding coding) : state_(std::make_unique<State>(coding)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Decoder::Status Decoder::feed(std::string_view in, std::string& out, std::uint64_t bytes_max) {
    if (in.empty()) return Status::ok;
    return state_->coding == Coding::br ? state_->feed_brotli(in, out, bytes_max)
                                        : state_->feed_zlib(in, out, bytes_max);
}

bool Decoder::complete() const {
    return state_->ended;
}

struct Encoder::State {
    explicit State(Coding c) : coding(c) {
        if (coding == Coding::br) {
            brotli = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
            if (!brotli) throw std::bad_alloc();
            BrotliEncoderSetParameter(brotli, BROTLI_PARAM_QUALITY, brotli_quality);
        } else if (deflateInit2(&zlib, zlib_level, Z_DEFLATED, window_bits(coding), 8, Z_DEFAULT_STRATEGY) !=
                   Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~State() {
        if (coding == Coding::br) {
            BrotliEncoderDestroyInstance(brotli);
        } else {
            deflateEnd(&zlib);
        }
    }
    State(const State&) = delete;

    void feed_brotli(std::string_view in, bool last, std::string& out) {
        const auto operation = last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS;
        const auto* next_in = mutable_bytes(in);
        std::size_t in_left = in.size();
        do {
            std::array<unsigned char, step_bytes> step;
            unsigned char* next_out = step.data();
            std::size_t out_left = step.size();
            BrotliEncoderCompressStream(brotli, operation, &in_left, &next_in, &out_left, &next_out, nullptr);
            out.append(reinterpret_cast<const char*>(step.data()), step.size() - out_left);
        } while (in_left > 0 || BrotliEncoderHasMoreOutput(brotli));
    }

    void feed_zlib(std::string_view in, bool last, std::string& out) {
        int result = Z_OK;
        do {
            std::array<unsigned char, step_bytes> step;
            zlib.next_in = mutable_bytes(in);
            zlib.avail_in = capped(in.size());
            zlib.next_out = step.data();
            zlib.avail_out = step.size();
            const uInt offered = zlib.avail_in;
            const bool finish = last && offered == in.size();
            result = deflate(&zlib, finish ? Z_FINISH : Z_NO_FLUSH);
            out.append(reinterpret_cast<const char*>(step.data()), step.size() - zlib.avail_out);
            in.remove_prefix(offered - zlib.avail_in);
        } while (!in.empty() || (last && result != Z_STREAM_END));
    }

    Coding coding;
    z_stream zlib{};
    BrotliEncoderState* brotli = nullptr;
};

Encoder::Encoder(Coding coding) : state_(std::make_unique<State>(coding)) {}
Encoder::~Encoder() = default;

void Encoder::feed(std::string_view in, bool last, std::string& out) {
    if (state_->coding == Coding::br) {
        state_->feed_brotli(in, last, out);
    } else {
        state_->feed_zlib(in, last, out);
    }
}

std::string encode(Coding coding, std::string_view bytes) {
    std::string out;
    if (coding == Coding::identity) {
        out = bytes;
    } else {
        Encoder encoder(coding);
        encoder.feed(bytes, true, out);
    }
    return out;
}

}  // namespace miroir::http
