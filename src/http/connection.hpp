#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/parser.hpp>
#include <memory>
#include <optional>
#include <string>

#include "answer_head.hpp"
#include "collected_body.hpp"
#include "departure_watch.hpp"
#include "read_buffer.hpp"
#include "server_state.hpp"
#include "timed_socket.hpp"

namespace miroir::http {

// One client connection: reads requests, has them handled one after the other, answers in order.
class Connection {
public:
    // `cancel` cancels run().
    Connection(asio::ip::tcp::socket socket, std::shared_ptr<ServerState> server,
               std::shared_ptr<DepartureWatch> departures, std::function<void()> cancel);

    // Ends when the connection does.
    Async<void> run();
    // Waits for the first byte of a request.
    bool idle() const { return idle_; }
    void close() { stream_->close(); }

private:
    using Parser = boost::beast::http::request_parser<CollectedBody>;
    struct Fault {
        ServerFault kind;
        std::string detail;
    };
    enum class ReadEnd { complete, gone, refused };

    // False when the connection has to end.
    Async<bool> serve_one();
    Async<ReadEnd> read_head();
    Async<ReadEnd> read_body();
    // Hands received bytes to the parser: true when it needs no more of them for now.
    bool feed_head();
    bool feed_body();
    void check_body();
    void expect_body();
    Request take_head();
    AnswerPlan plan_answer(const Request& request) const;
    Async<Response> handle(Request request);
    Room room_for(std::uint64_t bytes);
    Async<bool> refuse(Request request);
    Async<bool> answer(AnswerPlan plan, Response response);
    Async<bool> write(std::string_view head, std::string_view body);
    // Lets the client read the answer before the socket goes, though it may still be sending.
    Async<void> linger();
    // Zero when nothing more comes; `read_error_` tells why.
    Async<std::size_t> receive();
    void fail(ServerFault kind, std::string detail);

    std::shared_ptr<TimedSocket> stream_;
    std::shared_ptr<ServerState> server_;
    std::shared_ptr<DepartureWatch> departures_;
    DepartureWatch::Client client_;
    asio::ip::address peer_;
    std::string peer_text_;
    bool peer_trusted_ = false;
    ReadBuffer buffer_;
    BodyHold hold_;
    std::optional<Parser> parser_;
    std::optional<Fault> fault_;
    boost::system::error_code read_error_;
    bool idle_ = false;
};

}  // namespace miroir::http
