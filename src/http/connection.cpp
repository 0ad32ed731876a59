#include "connection.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/field.hpp>

#include "body_pace.hpp"
#include "request_head.hpp"
#include "text.hpp"

namespace miroir::http {

namespace {

namespace beast = boost::beast;

constexpr std::size_t buffer_bytes = 8 * 1024;
constexpr std::size_t large_buffer_bytes = 128 * 1024;
constexpr std::chrono::seconds linger_time{2};
constexpr auto too_many_requests = "Too many requests in flight.";
constexpr auto too_many_uploads = "Too many uploads are being received or written.";
constexpr auto as_values = asio::as_tuple(asio::deferred);

// Only without a transfer coding, or with `chunked` alone, is it known where the body ends: bytes of any
// other body would be read as the next request.
template <class Message>
bool is_framing_known(const Message& message) {
    const auto codings = message.equal_range(beast::http::field::transfer_encoding);
    const auto count = std::distance(codings.first, codings.second);
    return count == 0 || (count == 1 && beast::iequals(codings.first->value(), "chunked"));
}

SteadyTime after(std::chrono::milliseconds duration) {
    return system_clock().steady() + duration;
}

std::string_view view_of(beast::string_view text) {
    return {text.data(), text.size()};
}

// One request being handled.
class InFlight {
public:
    explicit InFlight(ServerState& server) : server_(server) {
        admitted_ = ++server.in_flight <= server.options.limits.requests_in_flight_max;
        server.in_flight_gauge.add(1);
    }
    ~InFlight() {
        --server_.in_flight;
        server_.in_flight_gauge.add(-1);
    }
    InFlight(const InFlight&) = delete;
    bool admitted() const { return admitted_; }

private:
    ServerState& server_;
    bool admitted_;
};

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, std::shared_ptr<ServerState> server,
                       std::shared_ptr<DepartureWatch> departures, std::function<void()> cancel)
    : stream_(std::make_shared<TimedSocket>(std::move(socket))),
      server_(std::move(server)),
      departures_(std::move(departures)),
      buffer_(buffer_bytes),
      hold_(server_->bodies, large_buffer_bytes) {
    boost::system::error_code error;
    peer_ = stream_->socket().remote_endpoint(error).address();
    peer_text_ = server_->proxies.client_of(peer_, {});
    peer_trusted_ = server_->proxies.trusts(peer_);
    stream_->socket().set_option(asio::ip::tcp::no_delay(true), error);
    stream_->socket().non_blocking(true, error);
    client_.socket = stream_->socket().native_handle();
    client_.departed = [this, cancel = std::move(cancel)] {
        server_->abandoned.add();
        cancel();
    };
}

Async<void> Connection::run() {
    try {
        bool more = true;
        while (more) more = co_await serve_one();
    } catch (const boost::system::system_error&) {
        // Cancelled: the server stops.
    } catch (const std::exception& e) {
        server_->log.error("connection failed", {{"error", e.what()}});
    }
    stream_->close();
}

void Connection::fail(ServerFault kind, std::string detail) {
    fault_ = Fault{kind, std::move(detail)};
}

Async<bool> Connection::serve_one() {
    fault_.reset();
    hold_.release();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(server_->options.limits.header_bytes_max));
    parser_->body_limit(boost::none);

    const ReadEnd head_end = co_await read_head();
    if (head_end == ReadEnd::gone) co_return false;
    Request request = take_head();
    if (head_end == ReadEnd::refused) co_return co_await refuse(std::move(request));

    expect_body();
    if (!fault_ && server_->in_flight >= server_->options.limits.requests_in_flight_max) {
        fail(ServerFault::overloaded, too_many_requests);
        server_->overloaded.add();
    }
    if (!fault_ && !parser_->is_done()) {
        const ReadEnd body_end = co_await read_body();
        if (body_end == ReadEnd::gone) co_return false;
    }
    if (!fault_ && !parser_->get().body().finish()) {
        fail(ServerFault::body_incomplete, "the encoding of the body ends early");
    }
    if (fault_) co_return co_await refuse(std::move(request));

    request.body = parser_->get().body().take();
    buffer_.relax();
    stream_->expire_at(SteadyTime::max());
    AnswerPlan plan = plan_answer(request);
    Response response;
    if (server_->options.cors && is_preflight(request)) {
        response = preflight_answer(request);
        plan.cross_origin = true;
    } else {
        response = co_await handle(std::move(request));
    }
    hold_.release();
    if (server_->draining) plan.close = true;
    co_return co_await answer(std::move(plan), std::move(response));
}

bool Connection::feed_head() {
    auto readable = buffer_.readable();
    // Some clients send an empty line after a body.
    while (!parser_->got_some() && !readable.empty() &&
           (readable.front() == '\r' || readable.front() == '\n')) {
        buffer_.consume(1);
        readable.remove_prefix(1);
    }
    if (readable.empty()) return false;
    beast::error_code error;
    const auto used = parser_->put(asio::const_buffer(readable.data(), readable.size()), error);
    buffer_.consume(used);
    if (error == beast::http::error::header_limit) {
        server_->headers_too_large.add();
        fail(ServerFault::headers_too_large, std::to_string(server_->options.limits.header_bytes_max));
    } else if (error && error != beast::http::error::need_more) {
        server_->malformed.add();
        fail(ServerFault::malformed_request, error.message());
    }
    return fault_ || parser_->is_header_done();
}

Async<Connection::ReadEnd> Connection::read_head() {
    const auto& limits = server_->options.limits;
    bool begun = !buffer_.empty();
    stream_->expire_at(after(begun ? limits.header_timeout : limits.idle_timeout));
    while (!feed_head()) {
        idle_ = !begun;
        if (idle_ && server_->draining) co_return ReadEnd::gone;
        const auto space = asio::mutable_buffer(buffer_.free_space(), buffer_.free_bytes());
        const auto [error, bytes] = co_await stream_->socket().async_read_some(space, as_values);
        idle_ = false;
        if (error) {
            if (begun && stream_->expired()) server_->slow_head.add();
            co_return ReadEnd::gone;
        }
        buffer_.commit(bytes);
        if (!begun) stream_->expire_at(after(limits.header_timeout));
        begun = true;
    }
    co_return fault_ ? ReadEnd::refused : ReadEnd::complete;
}

Request Connection::take_head() {
    Request request;
    const auto& message = parser_->get();
    request.method = method_named(view_of(message.method_string()));
    set_target(request, view_of(message.target()));
    for (const auto& field : message) {
        const auto name = view_of(field.name_string());
        if (is_internal_header(name)) continue;
        request.headers.emplace_back(name, view_of(field.value()));
    }
    request.request_id = request_id_for(request.headers);
    request.client_ip = peer_trusted_ ? server_->proxies.client_of(peer_, request.headers) : peer_text_;
    request.deadline = Deadline::in(server_->options.limits.request_timeout);
    return request;
}

void Connection::expect_body() {
    if (!is_framing_known(parser_->get())) {
        server_->malformed.add();
        fail(ServerFault::malformed_request, "unknown transfer encoding");
        return;
    }
    if (parser_->is_done()) return;
    auto& message = parser_->get();
    const auto coding = coding_named(view_of(message[beast::http::field::content_encoding]));
    std::optional<std::uint64_t> length;
    if (const auto announced = parser_->content_length()) length = *announced;
    message.body().expect(coding, length, server_->options.limits.body_bytes_max, &hold_);
    parser_->eager(true);
    if (message.body().fault() == BodySink::Fault::none && server_->bodies.too_much(length.value_or(0))) {
        fail(ServerFault::overloaded, too_many_uploads);
        server_->no_memory.add();
    }
    check_body();
}

void Connection::check_body() {
    switch (parser_->get().body().fault()) {
        case BodySink::Fault::too_large:
            server_->too_large.add();
            return fail(ServerFault::payload_too_large,
                        std::to_string(server_->options.limits.body_bytes_max));
        case BodySink::Fault::corrupt:
            return fail(ServerFault::body_incomplete, "the encoding of the body is corrupt");
        case BodySink::Fault::no_memory:
            server_->no_memory.add();
            return fail(ServerFault::overloaded, too_many_uploads);
        case BodySink::Fault::none:
            break;
    }
}

bool Connection::feed_body() {
    if (buffer_.empty()) return parser_->is_done();
    beast::error_code error;
    const auto readable = buffer_.readable();
    const auto used = parser_->put(asio::const_buffer(readable.data(), readable.size()), error);
    buffer_.consume(used);
    check_body();
    if (!fault_ && error && error != beast::http::error::need_more) {
        server_->malformed.add();
        fail(ServerFault::malformed_request, error.message());
    }
    return fault_ || parser_->is_done();
}

Async<Connection::ReadEnd> Connection::read_body() {
    const auto& limits = server_->options.limits;
    const auto expect = view_of(parser_->get()[beast::http::field::expect]);
    BodyPace pace(limits.body_timeout, limits.body_bytes_per_second_min, system_clock());
    stream_->expire_at(pace.due());
    if (buffer_.empty() && same_ignoring_case(expect, "100-continue")) {
        const bool sent = co_await write("HTTP/1.1 100 Continue\r\n\r\n", {});
        if (!sent) co_return ReadEnd::gone;
    }
    while (!feed_body()) {
        const std::size_t bytes = co_await receive();
        if (bytes == 0) {
            if (stream_->expired()) (pace.stalled() ? server_->slow_body : server_->slow_rate).add();
            if (read_error_ != asio::error::eof) co_return ReadEnd::gone;
            // The client may have closed only its sending side and still read.
            server_->body_incomplete.add();
            fail(ServerFault::body_incomplete, "the connection ends in the middle of the body");
            co_return ReadEnd::refused;
        }
        pace.received(bytes);
        stream_->expire_at(pace.due());
        if (pace.total() >= buffer_bytes * 2) buffer_.enlarge(large_buffer_bytes);
    }
    co_return fault_ ? ReadEnd::refused : ReadEnd::complete;
}

Async<std::size_t> Connection::receive() {
    const auto space = asio::mutable_buffer(buffer_.free_space(), buffer_.free_bytes());
    const auto [error, bytes] = co_await stream_->socket().async_read_some(space, as_values);
    read_error_ = error;
    if (error) co_return 0;
    buffer_.commit(bytes);
    co_return bytes;
}

AnswerPlan Connection::plan_answer(const Request& request) const {
    AnswerPlan plan;
    plan.request_id = request.request_id;
    plan.head_only = request.method == Method::head;
    plan.cors = server_->options.cors;
    plan.cross_origin = request.header("origin") != nullptr;
    plan.close = !parser_->is_done() || !parser_->keep_alive() || parser_->get().version() < 11 ||
                 !is_framing_known(parser_->get());
    if (const auto* accepted = request.header("accept-encoding")) plan.coding = best_accepted(*accepted);
    return plan;
}

Async<Response> Connection::handle(Request request) {
    const InFlight in_flight(*server_);
    // The handler takes the request itself away.
    Request outline;
    outline.method = request.method;
    outline.path = request.path;
    outline.client_ip = request.client_ip;
    outline.request_id = request.request_id;
    if (!in_flight.admitted()) {
        server_->overloaded.add();
        co_return server_->renderer(ServerFault::overloaded, outline, too_many_requests);
    }
    std::optional<DepartureWatch::Watching> watching;
    if (server_->options.may_be_abandoned && server_->options.may_be_abandoned(request)) {
        watching.emplace(*departures_, client_);
    }
    request.room_for = [this](std::uint64_t bytes) { return room_for(bytes); };
    std::string what;
    try {
        co_return co_await server_->handler(std::move(request));
    } catch (const std::exception& e) {
        what = e.what();
    } catch (...) {
        what = "unknown exception";
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
    server_->log.error("request handler failed", {{"request_id", outline.request_id}, {"error", what}});
    co_return server_->renderer(ServerFault::internal, outline, what);
}

Room Connection::room_for(std::uint64_t bytes) {
    const auto room = hold_.room_for(bytes);
    if (room != Room::enough) server_->no_memory.add();
    return room;
}

// Answers for `fault_`. Keeps the connection only when the whole request has been read.
Async<bool> Connection::refuse(Request request) {
    parser_->get().body().drop();
    hold_.release();
    AnswerPlan plan = plan_answer(request);
    Response response = server_->renderer(fault_->kind, request, fault_->detail);
    if (server_->draining) plan.close = true;
    const bool unread = plan.close && !parser_->is_done();
    const bool more = co_await answer(std::move(plan), std::move(response));
    if (unread) co_await linger();
    co_return more;
}

Async<bool> Connection::answer(AnswerPlan plan, Response response) {
    const bool small = response.body.size() < server_->options.compress_from_bytes;
    if (small || !has_body(response.status) || find_header(response.headers, "content-encoding")) {
        plan.coding = Coding::identity;
    }
    if (plan.coding != Coding::identity) {
        // Piece by piece: other connections of this thread get their turns in between.
        constexpr std::size_t piece = 128 * 1024;
        const std::string whole = std::move(response.body);
        response.body.clear();
        if (whole.size() <= piece) {
            response.body = encode(plan.coding, whole);
        } else {
            Encoder encoder(plan.coding);
            for (std::size_t at = 0; at < whole.size(); at += piece) {
                encoder.feed(std::string_view(whole).substr(at, piece), at + piece >= whole.size(),
                             response.body);
                co_await asio::post(asio::deferred);
            }
        }
    }
    const std::string head = answer_head(plan, response, response.body.size());
    const bool with_body = !plan.head_only && has_body(response.status);
    const std::string_view body = with_body ? std::string_view(response.body) : std::string_view();
    // After whatever else is ready now: answers made together leave together, and waking the peer of one
    // while the next is still being made costs more than making it.
    co_await asio::post(asio::deferred);
    const bool sent = co_await write(head, body);
    co_return sent && !plan.close;
}

Async<bool> Connection::write(std::string_view head, std::string_view body) {
    while (!head.empty() || !body.empty()) {
        const std::array buffers{asio::const_buffer(head.data(), head.size()),
                                 asio::const_buffer(body.data(), body.size())};
        boost::system::error_code error;
        const std::size_t bytes = stream_->socket().write_some(buffers, error);
        if (error == asio::error::would_block) {
            stream_->expire_at(after(server_->options.limits.body_timeout));
            const auto [waited] =
                co_await stream_->socket().async_wait(asio::ip::tcp::socket::wait_write, as_values);
            error = waited;
        }
        if (error) co_return false;
        const std::size_t of_head = std::min(bytes, head.size());
        head.remove_prefix(of_head);
        body.remove_prefix(bytes - of_head);
    }
    co_return true;
}

Async<void> Connection::linger() {
    boost::system::error_code error;
    stream_->socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    stream_->expire_at(after(linger_time));
    std::size_t bytes = 1;
    while (bytes > 0) {
        buffer_.consume(buffer_.readable().size());
        bytes = co_await receive();
    }
}

}  // namespace miroir::http
