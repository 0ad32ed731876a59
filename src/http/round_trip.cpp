#include "round_trip.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/http/field.hpp>

#include "text.hpp"

namespace miroir::http {

namespace {

namespace beast = boost::beast;

constexpr std::size_t large_body_bytes = 64 * 1024;
constexpr std::size_t large_buffer_bytes = 256 * 1024;
constexpr std::size_t window_bytes = 64 * 1024;
constexpr std::uint32_t header_bytes_max = 256 * 1024;
constexpr auto as_values = asio::as_tuple(asio::deferred);

std::string_view view_of(beast::string_view text) {
    return {text.data(), text.size()};
}

// The part of a request that has not been sent yet.
class Unsent {
public:
    Unsent(std::string_view head, const OutgoingRequest& request) : source_(request.source.get()) {
        buffers_.reserve(request.body.size() + 3);
        buffers_.emplace_back(head.data(), head.size());
        for (const auto piece : request.body) {
            if (!piece.empty()) buffers_.emplace_back(piece.data(), piece.size());
        }
        if (source_ == nullptr) return;
        source_->rewind();
        window_.reserve(std::min<std::uint64_t>(source_->size(), window_bytes));
        pull();
    }

    // Asio's ConstBufferSequence.
    const asio::const_buffer* begin() const { return buffers_.data() + next_; }
    const asio::const_buffer* end() const { return buffers_.data() + buffers_.size(); }

    // False when there is nothing left to send.
    bool more() {
        if (next_ == buffers_.size() && source_ != nullptr) {
            buffers_.clear();
            next_ = 0;
            pull();
        }
        return next_ < buffers_.size();
    }

    void consume(std::size_t bytes) {
        while (bytes > 0) {
            auto& buffer = buffers_[next_];
            const std::size_t of_this = std::min(bytes, buffer.size());
            buffer += of_this;
            bytes -= of_this;
            if (buffer.size() == 0) ++next_;
        }
    }

private:
    // Copies the source's pieces into one window, so that many small ones leave with one system call; the one
    // that does not fit in leaves from where it is.
    void pull() {
        window_.clear();
        auto piece = source_->next();
        for (; !piece.empty() && piece.size() <= window_.capacity() - window_.size();
             piece = source_->next()) {
            window_.insert(window_.end(), piece.begin(), piece.end());
        }
        if (!window_.empty()) buffers_.emplace_back(window_.data(), window_.size());
        if (!piece.empty()) buffers_.emplace_back(piece.data(), piece.size());
    }

    BodySource* source_;
    std::vector<char> window_;
    std::vector<asio::const_buffer> buffers_;
    std::size_t next_ = 0;
};

// What Asio copies is the reference.
struct UnsentView {
    const Unsent* unsent;
    using value_type = asio::const_buffer;
    const asio::const_buffer* begin() const { return unsent->begin(); }
    const asio::const_buffer* end() const { return unsent->end(); }
};

}  // namespace

Async<std::variant<Response, ExchangeFailure>> RoundTrip::run(std::string_view head,
                                                              const OutgoingRequest* request) {
    const bool sent = co_await send(head, request);
    if (!sent && sent_ == 0) co_return failure("while sending");
    // A peer that refuses a body may answer and close before it has read everything.
    const bool received = co_await receive(request->method == Method::head);
    if (!received) co_return failure(sent ? "while receiving" : "while sending");
    reusable_ = sent && parser_->keep_alive() && connection_.buffer.empty();
    connection_.buffer.relax();
    co_return take_response();
}

Async<bool> RoundTrip::send(std::string_view head, const OutgoingRequest* request) {
    Unsent unsent(head, *request);
    const UnsentView view{&unsent};
    auto& socket = connection_.stream->socket();
    while (unsent.more()) {
        const std::size_t bytes = socket.write_some(view, error_);
        if (error_ == asio::error::would_block) {
            const auto [waited] = co_await socket.async_wait(asio::ip::tcp::socket::wait_write, as_values);
            error_ = waited;
        }
        if (error_) co_return false;
        sent_ += bytes;
        unsent.consume(bytes);
    }
    co_return true;
}

void RoundTrip::feed() {
    auto& buffer = connection_.buffer;
    while (!buffer.empty() && !parser_->is_done() && malformed_.empty()) {
        beast::error_code error;
        const auto readable = buffer.readable();
        const auto used = parser_->put(asio::const_buffer(readable.data(), readable.size()), error);
        buffer.consume(used);
        if (parser_->is_header_done() && !expecting_body_) expect_body();
        switch (parser_->get().body().fault()) {
            case BodySink::Fault::too_large:
                malformed_ = "the answer is larger than the limit";
                return;
            case BodySink::Fault::corrupt:
                malformed_ = "the encoding of the answer is corrupt";
                return;
            case BodySink::Fault::no_memory:
            case BodySink::Fault::none:
                break;
        }
        if (error == beast::http::error::need_more) return;
        if (error) malformed_ = error.message();
    }
}

void RoundTrip::expect_body() {
    expecting_body_ = true;
    auto& message = parser_->get();
    const auto coding = coding_named(view_of(message[beast::http::field::content_encoding]));
    decoded_ = coding != Coding::identity;
    std::optional<std::uint64_t> length;
    if (const auto announced = parser_->content_length()) length = *announced;
    parser_->eager(true);
    if (parser_->is_done()) return;
    message.body().expect(coding, length, response_bytes_max_);
    if (!length || *length > large_body_bytes) connection_.buffer.enlarge(large_buffer_bytes);
}

Async<bool> RoundTrip::receive(bool head_only) {
    auto& buffer = connection_.buffer;
    for (;;) {
        if (!parser_) {
            parser_.emplace();
            parser_->header_limit(header_bytes_max);
            parser_->body_limit(boost::none);
            parser_->skip(head_only);
            expecting_body_ = false;
        }
        feed();
        if (!malformed_.empty()) co_return false;
        if (parser_->is_done()) {
            // 100 Continue and its kind only announce the answer.
            if (parser_->get().result_int() >= 200) break;
            parser_.reset();
            continue;
        }
        const auto space = asio::mutable_buffer(buffer.free_space(), buffer.free_bytes());
        const auto [error, bytes] = co_await connection_.stream->socket().async_read_some(space, as_values);
        buffer.commit(bytes);
        received_ += bytes;
        if (!error) continue;
        error_ = error;
        if (error != asio::error::eof || !parser_->is_header_done() || !parser_->need_eof()) co_return false;
        beast::error_code at_end;
        parser_->put_eof(at_end);
        if (at_end) co_return false;
        break;
    }
    if (!parser_->get().body().finish()) malformed_ = "the encoding of the answer is incomplete";
    co_return malformed_.empty();
}

Response RoundTrip::take_response() {
    Response response;
    auto& message = parser_->get();
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
        if (decoded_ && field.name() == beast::http::field::content_encoding) continue;
        response.headers.emplace_back(view_of(field.name_string()), view_of(field.value()));
    }
    response.body = message.body().take();
    return response;
}

ExchangeFailure RoundTrip::failure(std::string detail) const {
    if (!malformed_.empty()) return {ExchangeFault::malformed, malformed_};
    const bool late = connection_.stream->expired();
    detail = (late ? "deadline passed " : error_.message() + " ") + detail;
    if (sent_ == 0) return {ExchangeFault::not_connected, detail};
    return {late ? ExchangeFault::timed_out : ExchangeFault::interrupted, detail};
}

}  // namespace miroir::http
