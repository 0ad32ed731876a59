#include "miroir/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "http/content_coding.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "serving.hpp"
#include "wire.hpp"

namespace miroir::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;

TEST(Server, AnswersSeveralRequestsOnOneConnection) {
    Serving serving(echo);
    Wire wire(serving.port());
    EXPECT_EQ(wire.ask(get("/a?b=c%20d")).body, "GET /a?b=c%20d []");
    EXPECT_EQ(wire.ask(post("/a", "text")).body, "POST /a [text]");
    EXPECT_EQ(wire.ask("DELETE /a HTTP/1.1\r\n\r\n").body, "DELETE /a []");
    EXPECT_EQ(serving.metrics.value("miroir_http_connections"), 1);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    Serving serving(echo);
    Wire wire(serving.port());
    std::string requests;
    for (int i = 0; i < 200; ++i) requests += post("/" + std::to_string(i), std::string(i, 'x'));
    wire.send(requests);
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(wire.receive().body, "POST /" + std::to_string(i) + " [" + std::string(i, 'x') + "]");
    }
}

TEST(Server, ReadsRequestsThatArriveByteByByte) {
    Serving serving(echo);
    Wire wire(serving.port());
    for (const char c : "\r\n" + post("/a", "text")) wire.send({&c, 1});
    EXPECT_EQ(wire.receive().body, "POST /a [text]");
}

TEST(Server, ReadsChunkedBodies) {
    Serving serving(echo);
    Wire wire(serving.port());
    wire.send("POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n");
    wire.send("3\r\nabc\r\n");
    wire.send("a;x=y\r\n0123456789\r\n0\r\ntrailer: z\r\n\r\n");
    EXPECT_EQ(wire.receive().body, "POST /a [abc0123456789]");
    EXPECT_EQ(wire.ask(get("/b")).body, "GET /b []");
}

TEST(Server, NormalisesPaths) {
    Serving serving(echo);
    Wire wire(serving.port());
    EXPECT_EQ(wire.ask(get("/indexes/")).body, "GET /indexes []");
    EXPECT_EQ(wire.ask(get("//health//x")).body, "GET /health/x []");
    EXPECT_EQ(wire.ask(get("/")).body, "GET / []");
    EXPECT_EQ(wire.ask(get("/?q=a//b/")).body, "GET /?q=a//b/ []");
    EXPECT_EQ(wire.ask(get("http://host:1/a?b#c")).body, "GET /a?b []");
    EXPECT_EQ(wire.ask(get("/a%2Fb")).body, "GET /a%2Fb []");
}

TEST(Server, DecodesBodies) {
    Serving serving(echo);
    Wire wire(serving.port());
    const std::string text = "some text, some text, some text";
    for (const auto coding : {Coding::gzip, Coding::deflate, Coding::br}) {
        const std::string header = "Content-Encoding: " + std::string(name_of(coding)) + "\r\n";
        EXPECT_EQ(wire.ask(post("/a", encode(coding, text), header)).body, "POST /a [" + text + "]");
    }
    EXPECT_EQ(wire.ask(post("/a", "raw", "content-encoding: unknown\r\n")).body, "POST /a [raw]");
}

TEST(Server, BodiesHavePaddingAfterTheirEnd) {
    auto check = [](Request request) -> Async<Response> {
        co_return json_response(request.body.capacity() - request.body.size() >= 64 ? "yes" : "no");
    };
    Serving serving(check);
    Wire wire(serving.port());
    for (const std::size_t size : {1, 15, 4096, 100'000}) {
        EXPECT_EQ(wire.ask(post("/", std::string(size, 'x'))).body, "yes");
    }
    EXPECT_EQ(
        wire.ask(post("/", encode(Coding::gzip, std::string(5000, 'x')), "content-encoding: gzip\r\n")).body,
        "yes");
}

TEST(Server, ATruncatedOrCorruptEncodingIsAnIncompleteBody) {
    Serving serving(echo);
    const auto encoded = encode(Coding::gzip, std::string(1000, 'x'));
    Wire wire(serving.port());
    const auto truncated = wire.ask(
        post("/a", std::string_view(encoded).substr(0, encoded.size() - 4), "content-encoding: gzip\r\n"));
    EXPECT_EQ(truncated.status, 400);
    EXPECT_THAT(truncated.body, HasSubstr("body_incomplete /a"));
    EXPECT_EQ(wire.ask(get("/b")).body, "GET /b []");
    const auto corrupt = wire.ask(post("/a", "not gzip at all", "content-encoding: gzip\r\n"));
    EXPECT_THAT(corrupt.body, HasSubstr("body_incomplete /a"));
}

TEST(Server, Says100ContinueOnlyWhenItWantsTheBody) {
    ServerOptions options;
    options.limits.body_bytes_max = 10;
    Serving serving(echo, options);
    Wire wire(serving.port());
    const auto go_on = wire.ask("POST /a HTTP/1.1\r\nexpect: 100-Continue\r\ncontent-length: 4\r\n\r\n");
    EXPECT_EQ(go_on.status, 100);
    EXPECT_EQ(wire.ask("text").body, "POST /a [text]");
    const auto refused = wire.ask("POST /a HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 11\r\n\r\n");
    EXPECT_EQ(refused.status, 413);
}

TEST(Server, RefusesWhatIsNotHttp) {
    Serving serving(echo);
    Wire wire(serving.port());
    const auto answer = wire.ask("\x16\x03\x01 nonsense\r\n\r\n");
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr("malformed_request"));
    EXPECT_TRUE(wire.closed_by_peer());
    EXPECT_EQ(Wire(serving.port()).ask("POST / HTTP/1.1\r\ncontent-length: abc\r\n\r\n").status, 400);
    const std::string two_lengths =
        "POST / HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n";
    EXPECT_EQ(Wire(serving.port()).ask(two_lengths).status, 400);
}

TEST(Server, ABodyWhoseEndIsUnknownIsNoNextRequest) {
    std::atomic<int> handled = 0;
    Serving serving([&](Request request) -> Async<Response> {
        ++handled;
        return echo(std::move(request));
    });
    for (const std::string coding : {"identity", "gzip", "xchunked", "gzip, chunked", "chunked, chunked"}) {
        Wire wire(serving.port());
        const auto answer = wire.ask("POST /a HTTP/1.1\r\ntransfer-encoding: " + coding +
                                     "\r\n\r\nDELETE /b HTTP/1.1\r\n\r\n");
        EXPECT_EQ(answer.status, 400) << coding;
        EXPECT_TRUE(wire.closed_by_peer()) << coding;
    }
    EXPECT_EQ(handled, 0);
}

TEST(Server, EchoesOrMakesARequestId) {
    Serving serving(echo);
    Wire wire(serving.port());
    EXPECT_EQ(wire.ask(get("/", "X-REQUEST-ID: my id-1\r\n")).header("x-request-id"), "my id-1");
    const auto first = wire.ask(get("/")).header("x-request-id");
    EXPECT_THAT(first, MatchesRegex("[0-9a-f]{8}"));
    EXPECT_NE(wire.ask(get("/")).header("x-request-id"), first);
    const auto too_long = "x-request-id: " + std::string(129, 'a') + "\r\n";
    EXPECT_THAT(wire.ask(get("/", too_long)).header("x-request-id"), MatchesRegex("[0-9a-f]{8}"));
    EXPECT_THAT(wire.ask(get("/", "x-request-id: \xc3\xbc\r\n")).header("x-request-id"),
                MatchesRegex("[0-9a-f]{8}"));
    EXPECT_THAT(wire.ask("nonsense\r\n\r\n").header("x-request-id"), MatchesRegex("[0-9a-f]{8}"));
}

TEST(Server, DropsInternalHeaders) {
    auto names = [](Request request) -> Async<Response> {
        std::string text;
        for (const auto& [name, value] : request.headers) text += name + "=" + value + ";";
        co_return json_response(text);
    };
    Serving serving(names);
    Wire wire(serving.port());
    const auto headers =
        "MEILI-Proxy-Search: true\r\nx-meili-proxy-token: t\r\nMeili-Include-Metadata: true\r\n";
    EXPECT_EQ(wire.ask(get("/", headers)).body, "host=x;Meili-Include-Metadata=true;");
}

TEST(Server, SendsNoBodyWith204OrToHead) {
    auto handler = [](Request request) -> Async<Response> {
        Response response = json_response("text");
        if (request.path == "/none") response.status = 204;
        co_return response;
    };
    Serving serving(handler);
    Wire wire(serving.port());
    const auto none = wire.ask(get("/none"));
    EXPECT_EQ(none.status, 204);
    EXPECT_EQ(none.header("content-length"), "");
    wire.send("HEAD / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(wire.receive(false).header("content-length"), "4");
    EXPECT_EQ(wire.ask(get("/")).body, "text");
}

TEST(Server, CompressesLargeAnswersForThoseWhoAccept) {
    auto handler = [](Request request) -> Async<Response> {
        co_return json_response(std::string(request.path == "/large" ? 1'000'000 : 1023, 'x'));
    };
    Serving serving(handler);
    Wire wire(serving.port());
    for (const auto coding : {Coding::gzip, Coding::deflate, Coding::br}) {
        const auto answer =
            wire.ask(get("/large", "accept-encoding: " + std::string(name_of(coding)) + "\r\n"));
        EXPECT_EQ(answer.header("content-encoding"), name_of(coding));
        EXPECT_EQ(answer.header("vary"),
                  "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, accept-encoding");
        Decoder decoder(coding);
        std::string body;
        decoder.feed(answer.body, body, 10'000'000);
        EXPECT_EQ(body, std::string(1'000'000, 'x'));
    }
    EXPECT_EQ(wire.ask(get("/small", "accept-encoding: gzip\r\n")).header("content-encoding"), "");
    EXPECT_EQ(wire.ask(get("/large")).body.size(), 1'000'000u);
}

TEST(Server, AllowsEveryOriginAsMeilisearchDoes) {
    std::atomic<int> handled = 0;
    auto count = [&handled](Request) -> Async<Response> {
        ++handled;
        co_return json_response("{}");
    };
    Serving serving(count);
    Wire wire(serving.port());
    const auto preflight = wire.ask(
        "OPTIONS /indexes/a/search HTTP/1.1\r\norigin: https://shop.example\r\n"
        "access-control-request-method: POST\r\n"
        "access-control-request-headers: authorization,content-type\r\n\r\n");
    EXPECT_EQ(preflight.status, 200);
    EXPECT_EQ(preflight.header("access-control-allow-origin"), "*");
    EXPECT_EQ(preflight.header("access-control-allow-headers"), "authorization,content-type");
    EXPECT_EQ(preflight.header("access-control-max-age"), "86400");
    EXPECT_THAT(preflight.header("access-control-allow-methods"), HasSubstr("PATCH"));
    EXPECT_EQ(handled, 0);

    const auto vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    const auto crossing = wire.ask(get("/", "origin: https://shop.example\r\n"));
    EXPECT_EQ(crossing.header("access-control-allow-origin"), "*");
    EXPECT_EQ(crossing.header("vary"), vary);
    const auto plain = wire.ask(get("/"));
    EXPECT_EQ(plain.header("access-control-allow-origin"), "");
    EXPECT_EQ(plain.header("vary"), vary);
}

TEST(Server, AHandlerThatThrowsIsAnInternalFaultLoggedOnce) {
    auto fail = [](Request) -> Async<Response> {
        throw std::runtime_error("broken");
        co_return Response();
    };
    Serving serving(fail);
    Wire wire(serving.port());
    const auto answer = wire.ask(get("/a", "x-request-id: r1\r\n"));
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body, "internal /a broken");
    EXPECT_EQ(answer.header("x-request-id"), "r1");
    EXPECT_EQ(serving.log.lines(),
              std::vector<std::string>{"request handler failed request_id=r1 error=broken"});
    EXPECT_EQ(wire.ask(get("/b")).status, 500);
}

TEST(Server, DrainLetsRequestsInFlightEnd) {
    Gated gated;
    Serving serving(gated.handler());
    Wire busy(serving.port());
    busy.send(get("/"));
    gated.await_entered(1);
    Wire idle(serving.port());
    std::thread drainer([&] { serving.drain(Deadline::in(20s)); });
    EXPECT_TRUE(idle.closed_by_peer());
    gated.open = true;
    const auto answer = busy.receive();
    EXPECT_EQ(answer.body, "done");
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(busy.closed_by_peer());
    drainer.join();
    EXPECT_EQ(serving.metrics.value("miroir_http_connections"), 0);
    EXPECT_THROW(Wire(serving.port()), std::runtime_error);
}

TEST(Server, DrainCancelsWhatOutlastsTheDeadline) {
    Gated gated;
    Serving serving(gated.handler());
    Wire busy(serving.port());
    busy.send(get("/"));
    gated.await_entered(1);
    serving.drain(Deadline::in(10ms));
    EXPECT_TRUE(busy.closed_by_peer());
    EXPECT_EQ(serving.metrics.value("miroir_requests_in_flight"), 0);
    EXPECT_TRUE(serving.log.lines().empty());
}

TEST(Server, BelievesForwardersItTrusts) {
    auto ip = [](Request request) -> Async<Response> { co_return json_response(request.client_ip); };
    const auto forwarded = get("/", "x-forwarded-for: 9.9.9.9, 203.0.113.7\r\nX-Forwarded-For: 10.1.2.3\r\n");
    {
        Serving serving(ip);
        EXPECT_EQ(Wire(serving.port()).ask(forwarded).body, "127.0.0.1");
    }
    ServerOptions options;
    options.trusted_proxies = {"127.0.0.1", "10.0.0.0/8"};
    Serving serving(ip, options);
    EXPECT_EQ(Wire(serving.port()).ask(forwarded).body, "203.0.113.7");
    EXPECT_EQ(Wire(serving.port()).ask(get("/", "x-forwarded-for: not an address\r\n")).body, "127.0.0.1");
    EXPECT_EQ(Wire(serving.port()).ask(get("/")).body, "127.0.0.1");
}

TEST(Server, TellsWhyItCannotStart) {
    Serving serving(echo);
    runtime::IoThreads io(1);
    ServerOptions options;
    options.port = serving.port();
    EXPECT_THROW(start_server(io.executors(), options, echo, rendered, null_log(), null_metrics()),
                 std::system_error);
    options.address = "nonsense";
    EXPECT_THROW(start_server(io.executors(), options, echo, rendered, null_log(), null_metrics()),
                 std::system_error);
    ServerOptions bad_block;
    bad_block.trusted_proxies = {"10.0.0.0/33"};
    EXPECT_THROW(start_server(io.executors(), bad_block, echo, rendered, null_log(), null_metrics()),
                 std::invalid_argument);
}

}  // namespace
}  // namespace miroir::http
