#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <thread>

#include "http/content_coding.hpp"
#include "miroir/http/server.hpp"
#include "serving.hpp"
#include "wire.hpp"

namespace miroir::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(ServerLimits, RefusesBodiesOverTheLimit) {
    ServerOptions options;
    options.limits.body_bytes_max = 1000;
    Serving serving(echo, options);

    EXPECT_EQ(Wire(serving.port()).ask(post("/a", std::string(1000, 'x'))).status, 200);

    Wire announced(serving.port());
    const auto refused = announced.ask(post("/a", std::string(1001, 'x')));
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.body, "payload_too_large /a 1000");
    EXPECT_EQ(refused.header("connection"), "close");

    Wire chunked(serving.port());
    const std::string head = "POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
    EXPECT_EQ(chunked.ask(head + "3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n").status, 413);

    const auto bomb = encode(Coding::gzip, std::string(1'000'000, 'x'));
    EXPECT_EQ(Wire(serving.port()).ask(post("/a", bomb, "content-encoding: gzip\r\n")).status, 413);
    EXPECT_EQ(serving.metrics.value("miroir_http_rejected_total", {{"reason", "payload_too_large"}}), 3);
}

TEST(ServerLimits, AClientThatIsStillSendingCanReadTheRefusal) {
    ServerOptions options;
    options.limits.body_bytes_max = 1000;
    Serving serving(echo, options);
    for (int i = 0; i < 20; ++i) {
        Wire wire(serving.port());
        EXPECT_EQ(wire.ask(post("/a", std::string(3'000'000, 'x'))).status, 413);
    }
}

TEST(ServerLimits, AnUploadThatBreaksOffIsNeverHandled) {
    std::atomic<int> handled = 0;
    auto count = [&handled](Request) -> Async<Response> {
        ++handled;
        co_return json_response("{}");
    };
    Serving serving(count);
    {
        Wire wire(serving.port());
        wire.send("POST /a HTTP/1.1\r\ncontent-length: 10\r\n\r\n12345");
        Wire chunked(serving.port());
        chunked.send("POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n");
    }
    serving.drain(Deadline::in(20s));
    EXPECT_EQ(handled, 0);
}

TEST(ServerLimits, AClientThatStopsSendingInTheMiddleOfABodyIsToldSo) {
    Serving serving(echo);
    const std::string parts[] = {"content-length: 10\r\n\r\n12345",
                                 "transfer-encoding: chunked\r\n\r\n5\r\n12345\r\n"};
    for (const auto& part : parts) {
        Wire wire(serving.port());
        wire.send("POST /a HTTP/1.1\r\n" + part);
        wire.stop_sending();
        const auto answer = wire.receive();
        EXPECT_EQ(answer.status, 400);
        EXPECT_THAT(answer.body, HasSubstr("body_incomplete /a"));
        EXPECT_EQ(answer.header("connection"), "close");
        EXPECT_TRUE(wire.closed_by_peer());
    }
    EXPECT_EQ(serving.metrics.value("miroir_http_rejected_total", {{"reason", "body_incomplete"}}), 2);
}

std::string upload_head(std::size_t bytes) {
    return "POST /a HTTP/1.1\r\ncontent-length: " + std::to_string(bytes) + "\r\n\r\n";
}

std::string chunk(std::size_t bytes) {
    std::array<char, 32> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes);
    return size.data() + std::string(bytes, 'x') + "\r\n";
}

// Uploads share a little more than 1 MB.
ServerOptions scarce_memory() {
    ServerOptions options;
    options.limits.body_memory_bytes_max = 1'000'000 + 2 * 128 * 1024;
    return options;
}

constexpr auto uploads_bytes = "miroir_ingest_memory_bytes";

void await_uploads(Serving& serving, double bytes) {
    while (serving.metrics.value(uploads_bytes) < bytes) std::this_thread::yield();
}

TEST(ServerLimits, BodiesBeingReceivedShareTheMemory) {
    Serving serving(echo, scarce_memory());
    Wire first(serving.port());
    first.send(upload_head(700'000) + std::string(600'000, 'x'));
    await_uploads(serving, 600'000);

    const auto announced = Wire(serving.port()).ask(upload_head(800'000));
    EXPECT_EQ(announced.status, 503);
    EXPECT_EQ(announced.body, "overloaded /a Too many uploads are being received or written.");
    EXPECT_EQ(announced.header("connection"), "close");

    const std::string chunked_head = "POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
    Wire second(serving.port());
    second.send(chunked_head + chunk(300'000));
    await_uploads(serving, 900'000);
    EXPECT_EQ(Wire(serving.port()).ask(chunked_head + chunk(300'000)).status, 503);
    EXPECT_EQ(Wire(serving.port()).ask(post("/small", std::string(10'000, 'x'))).status, 200);

    first.send(std::string(100'000, 'x'));
    EXPECT_EQ(first.receive().status, 200);
    EXPECT_EQ(Wire(serving.port()).ask(post("/a", std::string(500'000, 'x'))).status, 200);
    second.send("0\r\n\r\n");
    EXPECT_EQ(second.receive().status, 200);
    EXPECT_EQ(serving.metrics.value(uploads_bytes), 0);
    EXPECT_EQ(serving.metrics.value("miroir_http_rejected_total", {{"reason", "memory"}}), 2);
}

TEST(ServerLimits, ABodyCountsUntilItsRequestIsAnswered) {
    Gated gated;
    Serving serving(gated.handler(), scarce_memory());
    Wire first(serving.port());
    first.send(post("/a", std::string(900'000, 'x')));
    gated.await_entered(1);
    EXPECT_EQ(Wire(serving.port()).ask(post("/b", std::string(500'000, 'x'))).status, 503);
    gated.open = true;
    EXPECT_EQ(first.receive().status, 200);
    EXPECT_EQ(Wire(serving.port()).ask(post("/b", std::string(500'000, 'x'))).status, 200);
}

TEST(ServerLimits, AClientThatLeavesGivesItsMemoryBack) {
    Serving serving(echo, scarce_memory());
    {
        Wire gone(serving.port());
        gone.send(upload_head(900'000) + std::string(800'000, 'x'));
        await_uploads(serving, 800'000);
    }
    while (serving.metrics.value(uploads_bytes) > 0) std::this_thread::yield();
    EXPECT_EQ(Wire(serving.port()).ask(post("/a", std::string(900'000, 'x'))).status, 200);
}

TEST(ServerLimits, WhatABodyDecodesToCounts) {
    Serving serving(echo, scarce_memory());
    const auto bomb = encode(Coding::gzip, std::string(20'000'000, 'x'));
    EXPECT_EQ(Wire(serving.port()).ask(post("/a", bomb, "content-encoding: gzip\r\n")).status, 503);
}

TEST(ServerLimits, RefusesHeadersOverTheLimit) {
    ServerOptions options;
    options.limits.header_bytes_max = 30'000;
    Serving serving(echo, options);
    EXPECT_EQ(Wire(serving.port()).ask(get("/" + std::string(20'000, 'a'))).status, 200);
    const auto refused = Wire(serving.port()).ask(get("/" + std::string(31'000, 'a')));
    EXPECT_EQ(refused.status, 431);
    EXPECT_THAT(refused.body, HasSubstr("headers_too_large"));
    EXPECT_EQ(refused.header("connection"), "close");
    EXPECT_EQ(Wire(serving.port()).ask(get("/", "a: " + std::string(31'000, 'a') + "\r\n")).status, 431);
    EXPECT_EQ(serving.metrics.value("miroir_http_rejected_total", {{"reason", "headers_too_large"}}), 2);
}

TEST(ServerLimits, RefusesMoreRequestsInFlightThanTheLimit) {
    Gated gated;
    ServerOptions options;
    options.limits.requests_in_flight_max = 1;
    Serving serving(gated.handler(), options);
    Wire first(serving.port());
    first.send(get("/"));
    gated.await_entered(1);
    EXPECT_EQ(serving.metrics.value("miroir_requests_in_flight"), 1);

    Wire second(serving.port());
    const auto refused = second.ask(get("/"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.body, HasSubstr("overloaded"));

    gated.open = true;
    EXPECT_EQ(first.receive().body, "done");
    EXPECT_EQ(second.ask(get("/")).body, "done");
    EXPECT_EQ(serving.metrics.value("miroir_requests_in_flight"), 0);
    EXPECT_EQ(serving.metrics.value("miroir_http_rejected_total", {{"reason", "overloaded"}}), 1);
}

TEST(ServerLimits, ClosesConnectionsOverTheLimit) {
    ServerOptions options;
    options.limits.connections_max = 1;
    Serving serving(echo, options);
    Wire first(serving.port());
    EXPECT_EQ(first.ask(get("/")).status, 200);
    Wire second(serving.port());
    EXPECT_TRUE(second.closed_by_peer());
    EXPECT_EQ(first.ask(get("/")).status, 200);
    EXPECT_EQ(serving.metrics.value("miroir_http_rejected_total", {{"reason", "connections"}}), 1);
}

TEST(ServerLimits, ClosesIdleConnections) {
    ServerOptions options;
    options.limits.idle_timeout = 20ms;
    Serving serving(echo, options);
    Wire wire(serving.port());
    EXPECT_EQ(wire.ask(get("/")).status, 200);
    EXPECT_TRUE(wire.closed_by_peer());
}

TEST(ServerLimits, ClosesConnectionsThatDrawOutTheirHeader) {
    ServerOptions options;
    options.limits.header_timeout = 20ms;
    Serving serving(echo, options);
    Wire wire(serving.port());
    wire.send("GET / HTTP/1.1\r\nhost: x\r\n");
    EXPECT_TRUE(wire.closed_by_peer());
    serving.drain(Deadline::in(20s));
    EXPECT_EQ(serving.metrics.value("miroir_http_rejected_total", {{"reason", "header_timeout"}}), 1);
}

TEST(ServerLimits, ClosesConnectionsThatStallTheirBody) {
    ServerOptions options;
    options.limits.body_timeout = 20ms;
    Serving serving(echo, options);
    Wire wire(serving.port());
    wire.send("POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\n12345");
    EXPECT_TRUE(wire.closed_by_peer());
    serving.drain(Deadline::in(20s));
    EXPECT_EQ(serving.metrics.value("miroir_http_rejected_total", {{"reason", "body_timeout"}}), 1);
}

TEST(ServerLimits, ClosesConnectionsThatDrawOutTheirBody) {
    ServerOptions options;
    options.limits.body_timeout = 100ms;
    options.limits.body_bytes_per_second_min = 100'000'000;
    Serving serving(echo, options);
    Wire slow(serving.port());
    slow.send(upload_head(50'000'000));
    std::atomic<bool> closed = false;
    std::thread drips([&] {
        while (!closed) slow.send("x");
    });
    EXPECT_TRUE(slow.closed_by_peer());
    closed = true;
    drips.join();
    EXPECT_EQ(serving.metrics.value("miroir_http_rejected_total", {{"reason", "body_rate"}}), 1);
}

// What becomes of a request whose client leaves, by the method of the request.
struct Left {
    std::atomic<int> entered = 0;
    std::atomic<int> cancelled = 0;
    std::atomic<int> ended = 0;

    Handler handler() {
        return [this](Request) -> Async<Response> {
            struct Guard {
                Left& left;
                bool whole = false;
                ~Guard() { ++(whole ? left.ended : left.cancelled); }
            };
            Guard guard{*this};
            ++entered;
            for (int i = 0; i < 200 && !open; ++i) co_await runtime::sleep_for(5ms);
            guard.whole = true;
            co_return json_response("done");
        };
    }
    ServerOptions options() {
        ServerOptions options;
        options.departure_interval = 10ms;
        options.may_be_abandoned = [](const Request& request) { return request.method == Method::get; };
        return options;
    }
    std::atomic<bool> open = false;
};

TEST(ServerLimits, ARequestWhoseClientLeavesIsCancelled) {
    Left left;
    Serving serving(left.handler(), left.options());
    Wire stays(serving.port());
    stays.send(get("/") + get("/next"));
    {
        Wire leaves(serving.port());
        leaves.send(get("/") + get("/next"));
        while (left.entered < 2) std::this_thread::yield();
    }
    while (left.cancelled < 1) std::this_thread::yield();
    left.open = true;
    EXPECT_EQ(stays.receive().body, "done");
    EXPECT_EQ(stays.receive().body, "done");
    EXPECT_EQ(left.cancelled, 1);
    EXPECT_EQ(serving.metrics.value("miroir_requests_abandoned_total"), 1);
    serving.drain(Deadline::in(20s));
    EXPECT_EQ(serving.metrics.value("miroir_requests_in_flight"), 0);
}

TEST(ServerLimits, AWriteGoesOnWithoutItsClient) {
    Left left;
    Serving serving(left.handler(), left.options());
    {
        Wire writes(serving.port());
        writes.send(post("/", "text"));
        Wire reads(serving.port());
        reads.send(get("/"));
        while (left.entered < 2) std::this_thread::yield();
    }
    while (left.cancelled < 1) std::this_thread::yield();
    left.open = true;
    while (left.ended < 1) std::this_thread::yield();
    EXPECT_EQ(left.cancelled, 1);
}

TEST(ServerLimits, SetsTheDeadlineOfARequest) {
    auto left = [](Request request) -> Async<Response> {
        co_return json_response(std::to_string(request.deadline.left().count()));
    };
    ServerOptions options;
    options.limits.request_timeout = 1h;
    Serving serving(left, options);
    const auto ms = std::stol(Wire(serving.port()).ask(get("/")).body);
    EXPECT_GT(ms, 3'000'000);
    EXPECT_LE(ms, 3'600'000);
}

}  // namespace
}  // namespace miroir::http
