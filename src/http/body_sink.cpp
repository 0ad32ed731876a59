#include "body_sink.hpp"

namespace miroir::http {

void BodySink::expect(Coding coding, std::optional<std::uint64_t> length, std::uint64_t bytes_max,
                      BodyHold* hold) {
    bytes_max_ = bytes_max;
    hold_ = hold;
    if (coding != Coding::identity) {
        decoder_.emplace(coding);
    } else if (length && *length > bytes_max) {
        fault_ = Fault::too_large;
    } else if (length) {
        body_.reserve(*length + body_padding);
    }
}

bool BodySink::append(std::string_view piece) {
    if (fault_ != Fault::none) return false;
    if (!decoder_) {
        if (piece.size() > bytes_max_ - body_.size()) {
            fault_ = Fault::too_large;
            return false;
        }
        body_.append(piece);
        return held();
    }
    // Step by step: a few bytes can become thousands of times as many.
    constexpr std::size_t step_bytes = 4 * 1024;
    for (std::size_t at = 0; at < piece.size() && fault_ == Fault::none; at += step_bytes) {
        decode(piece.substr(at, step_bytes));
    }
    return fault_ == Fault::none;
}

void BodySink::decode(std::string_view piece) {
    // Encodings that say nothing for ever must end, too.
    encoded_bytes_ += piece.size();
    const auto status = decoder_->feed(piece, body_, bytes_max_);
    if (status == Decoder::Status::too_large || encoded_bytes_ > bytes_max_ + bytes_max_ / 8 + 4096) {
        fault_ = Fault::too_large;
    } else if (status == Decoder::Status::corrupt) {
        fault_ = Fault::corrupt;
    } else {
        held();
    }
}

bool BodySink::held() {
    if (hold_ != nullptr && !hold_->grow_to(body_.size())) fault_ = Fault::no_memory;
    return fault_ == Fault::none;
}

bool BodySink::finish() {
    if (fault_ == Fault::none && decoder_ && encoded_bytes_ > 0 && !decoder_->complete())
        fault_ = Fault::corrupt;
    return fault_ == Fault::none;
}

std::string BodySink::take() {
    if (body_.capacity() - body_.size() < body_padding) body_.reserve(body_.size() + body_padding);
    return std::move(body_);
}

void BodySink::drop() {
    body_ = std::string();
    decoder_.reset();
}

}  // namespace miroir::http
