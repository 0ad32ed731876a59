#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client_pool.hpp"
#include "collected_body.hpp"
#include "miroir/http/client.hpp"

namespace miroir::http {

// One request and its answer on one connection.
class RoundTrip {
public:
    RoundTrip(ClientConnection& connection, std::uint64_t response_bytes_max)
        : connection_(connection), response_bytes_max_(response_bytes_max) {}

    // `head` and the pieces of `request` outlive the call. Rewinds its source.
    Async<std::variant<Response, ExchangeFailure>> run(std::string_view head, const OutgoingRequest* request);

    bool anything_sent() const { return sent_ > 0; }
    bool anything_received() const { return received_ > 0; }
    // The connection is good for another request.
    bool reusable() const { return reusable_; }

private:
    using Parser = boost::beast::http::response_parser<CollectedBody>;

    Async<bool> send(std::string_view head, const OutgoingRequest* request);
    Async<bool> receive(bool head_only);
    void feed();
    void expect_body();
    Response take_response();
    ExchangeFailure failure(std::string detail) const;

    ClientConnection& connection_;
    std::uint64_t response_bytes_max_;
    std::optional<Parser> parser_;
    std::string malformed_;
    boost::system::error_code error_;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    bool expecting_body_ = false;
    bool decoded_ = false;
    bool reusable_ = false;
};

}  // namespace miroir::http
