#include "miroir/http/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/system/system_error.hpp>
#include <stdexcept>
#include <thread>

#include "http/content_coding.hpp"
#include "miroir/runtime/before.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/runtime/gather.hpp"
#include "miroir/runtime/on_executor.hpp"
#include "peer.hpp"
#include "serving.hpp"

namespace miroir::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Answer = std::variant<Response, ExchangeFailure>;

OutgoingRequest get(std::string target) {
    OutgoingRequest request;
    request.target = std::move(target);
    return request;
}

OutgoingRequest post(std::string target, std::vector<std::string_view> body) {
    OutgoingRequest request;
    request.method = Method::post;
    request.target = std::move(target);
    request.body = std::move(body);
    return request;
}

std::string url_of(const Serving& serving) {
    return "http://127.0.0.1:" + std::to_string(serving.port());
}

Answer ask(Client& client, OutgoingRequest request, std::chrono::milliseconds time = 20s) {
    return run(client.exchange(std::move(request), Deadline::in(time)));
}

std::string body_of(const Answer& answer) {
    if (const auto* failure = std::get_if<ExchangeFailure>(&answer)) return "failed: " + failure->detail;
    return std::get<Response>(answer).body;
}

// "answered" or the kind of failure.
std::string outcome_of(const Answer& answer) {
    const auto* failure = std::get_if<ExchangeFailure>(&answer);
    if (!failure) return "answered";
    switch (failure->fault) {
        case ExchangeFault::not_connected:
            return "not connected";
        case ExchangeFault::interrupted:
            return "interrupted";
        case ExchangeFault::timed_out:
            return "timed out";
        case ExchangeFault::malformed:
            return "malformed";
    }
    return "?";
}

const std::string ok_answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

// Answers every request of a connection.
void answer_all(Peer::Call call) {
    while (!call.read_head().empty()) call.send(ok_answer);
}

// Several exchanges on one executor.
std::vector<Answer> ask_in_turn(Client& client, std::vector<OutgoingRequest> requests) {
    auto all = [](Client* on, std::vector<OutgoingRequest> each) -> Async<std::vector<Answer>> {
        std::vector<Answer> answers;
        for (auto& request : each) {
            auto answer = co_await on->exchange(std::move(request), Deadline::in(20s));
            answers.push_back(std::move(answer));
        }
        co_return answers;
    };
    return run(all(&client, std::move(requests)));
}

TEST(Client, SendsTheGatherListAsOneBody) {
    Serving serving(echo);
    const auto client = make_client(url_of(serving), {});
    std::vector<std::string_view> pieces{"[", "", "1", ",", "2", "]"};
    EXPECT_EQ(body_of(ask(*client, post("/a?b=c", pieces))), "POST /a?b=c [[1,2]]");
    EXPECT_EQ(body_of(ask(*client, get("/a"))), "GET /a []");
    EXPECT_EQ(body_of(ask(*client, post("/a", {}))), "POST /a []");
}

TEST(Client, SendsAndReceivesLargeBodiesInManyPieces) {
    Serving serving(echo);
    const auto client = make_client(url_of(serving), {});
    const std::string piece(9'973, 'x');
    const std::vector<std::string_view> pieces(2'000, piece);
    const auto answer = ask(*client, post("/", pieces));
    ASSERT_EQ(outcome_of(answer), "answered");
    const auto& body = std::get<Response>(answer).body;
    EXPECT_EQ(body.size(), pieces.size() * piece.size() + std::string("POST / []").size());
    EXPECT_GE(body.capacity() - body.size(), 64u);
}

TEST(Client, SendsHeadersThePrefixAndAHost) {
    std::string head;
    Peer peer([&head](Peer::Call call, int) {
        head = call.read_head();
        call.send(ok_answer);
    });
    const auto client = make_client(peer.url() + "/base/", {});
    auto request = get("/a b\r\nx: y");
    request.headers.emplace_back("Authorization", "Bearer k\r\ninjected: 1");
    EXPECT_EQ(body_of(ask(*client, std::move(request))), "ok");
    peer.stop();
    EXPECT_EQ(head, "GET /base/a%20b%0D%0Ax:%20y HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(peer.port()) +
                        "\r\nAuthorization: Bearer k  injected: 1\r\n\r\n");
}

TEST(Client, ReusesItsConnections) {
    std::atomic<int> connections = 0;
    Peer peer([&](Peer::Call call, int) {
        ++connections;
        answer_all(call);
    });
    auto client = make_client(peer.url(), {});
    for (const auto& answer : ask_in_turn(*client, {get("/"), get("/"), post("/", {}), get("/")})) {
        EXPECT_EQ(body_of(answer), "ok");
    }
    EXPECT_EQ(connections, 1);
}

TEST(Client, SurvivesTheEndOfAContextItHasConnectionsIn) {
    Peer peer([](Peer::Call call, int) { answer_all(call); });
    const auto client = make_client(peer.url(), {});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(body_of(ask(*client, get("/"))), "ok");
}

TEST(Client, ReadsChunkedAnswersAndAnswersThatEndWithTheConnection) {
    Peer peer([](Peer::Call call, int number) {
        call.read_head();
        if (number == 0) {
            call.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            call.send("3\r\nabc\r\n0\r\n\r\n");
            call.wait_for_close();
        } else {
            call.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
        }
    });
    const auto client = make_client(peer.url(), {});
    EXPECT_EQ(body_of(ask(*client, get("/"))), "abc");
    EXPECT_EQ(body_of(ask(*client, get("/"))), "until the end");
}

TEST(Client, DecodesAnswers) {
    Peer peer([](Peer::Call call, int number) {
        const auto coding = number == 0 ? Coding::gzip : number == 1 ? Coding::deflate : Coding::br;
        call.read_head();
        const auto body = encode(coding, std::string(100'000, 'x'));
        call.send("HTTP/1.1 200 OK\r\nX-Kept: 1\r\nContent-Encoding: " + std::string(name_of(coding)) +
                  "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    });
    for (int i = 0; i < 3; ++i) {
        const auto client = make_client(peer.url(), {});
        const auto answer = ask(*client, get("/"));
        EXPECT_EQ(body_of(answer), std::string(100'000, 'x'));
        const auto& response = std::get<Response>(answer);
        EXPECT_GE(response.body.capacity() - response.body.size(), 64u);
        EXPECT_EQ(find_header(response.headers, "content-encoding"), nullptr);
        EXPECT_EQ(*find_header(response.headers, "x-kept"), "1");
    }
}

TEST(Client, HeadAnd204HaveNoBody) {
    Peer peer([](Peer::Call call, int) {
        call.read_head();
        call.send("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n");
        call.read_head();
        call.send("HTTP/1.1 204 No Content\r\n\r\n");
    });
    const auto client = make_client(peer.url(), {});
    auto head = get("/");
    head.method = Method::head;
    std::vector<OutgoingRequest> requests;
    requests.push_back(std::move(head));
    requests.push_back(get("/"));
    const auto answers = ask_in_turn(*client, std::move(requests));
    EXPECT_EQ(body_of(answers[0]), "");
    EXPECT_EQ(std::get<Response>(answers[1]).status, 204);
}

TEST(Client, ARefusedConnectionIsNotConnected) {
    Peer peer([](Peer::Call, int) {});
    const auto url = peer.url();
    peer.stop();
    const auto client = make_client(url, {});
    const auto answer = ask(*client, get("/"));
    EXPECT_EQ(outcome_of(answer), "not connected");
    EXPECT_THAT(body_of(answer), HasSubstr("refused"));
}

TEST(Client, AnUnknownNameIsNotConnected) {
    const auto client = make_client("http://no-such-host.invalid:1", {});
    EXPECT_EQ(outcome_of(ask(*client, get("/"), 500ms)), "not connected");
}

TEST(Client, NamesAreLookedUp) {
    Peer peer([](Peer::Call call, int) { answer_all(call); });
    const auto client = make_client("http://localhost:" + std::to_string(peer.port()), {});
    EXPECT_EQ(body_of(ask(*client, get("/"))), "ok");
}

TEST(Client, ACloseAfterTheRequestIsInterrupted) {
    Peer peer([](Peer::Call call, int number) {
        call.read_head();
        if (number == 1) call.reset();
        if (number == 2) call.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345");
        if (number == 3) call.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n");
        if (number == 4) call.send("HTTP/1.1 200");
    });
    const auto client = make_client(peer.url(), {});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome_of(ask(*client, get("/"))), "interrupted") << i;
}

TEST(Client, AnAnswerThatIsNotHttpIsMalformed) {
    Peer peer([](Peer::Call call, int number) {
        call.read_head();
        const auto truncated = encode(Coding::gzip, "some text, some text").substr(0, 20);
        if (number == 0) call.send("SSH-2.0-OpenSSH\r\n\r\n");
        if (number == 1) {
            call.send("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n" + truncated);
        }
        call.wait_for_close();
    });
    const auto client = make_client(peer.url(), {});
    EXPECT_EQ(outcome_of(ask(*client, get("/"))), "malformed");
    EXPECT_EQ(outcome_of(ask(*client, get("/"))), "malformed");
}

TEST(Client, AnAnswerOverTheLimitIsMalformed) {
    Serving serving(echo);
    ClientOptions options;
    options.response_bytes_max = 20;
    const auto client = make_client(url_of(serving), options);
    EXPECT_EQ(outcome_of(ask(*client, post("/", {"12345"}))), "answered");
    EXPECT_EQ(outcome_of(ask(*client, post("/", {"123456789012"}))), "malformed");
}

TEST(Client, TheDeadlineEndsAnExchange) {
    Peer peer([](Peer::Call call, int) {
        call.read_head();
        call.send("HTTP/1.1 200 OK\r\n");
        call.wait_for_close();
    });
    const auto client = make_client(peer.url(), {});
    EXPECT_EQ(outcome_of(ask(*client, get("/"), 20ms)), "timed out");
}

TEST(Client, TheDeadlineEndsASendingThatNobodyReads) {
    std::atomic<bool> done = false;
    Peer peer([&done](Peer::Call, int) {
        while (!done) std::this_thread::yield();
    });
    const auto client = make_client(peer.url(), {});
    const std::string large(50'000'000, 'x');
    EXPECT_EQ(outcome_of(ask(*client, post("/", {large}), 50ms)), "timed out");
    done = true;
}

TEST(Client, APassedDeadlineSendsNothing) {
    std::atomic<int> heads = 0;
    Peer peer([&heads](Peer::Call call, int) { heads += call.read_head().empty() ? 0 : 1; });
    const auto client = make_client(peer.url(), {});
    EXPECT_EQ(outcome_of(ask(*client, get("/"), 0ms)), "not connected");
    peer.stop();
    EXPECT_EQ(heads, 0);
}

TEST(Client, ALaterDeadlineOnAReusedConnectionCounts) {
    const auto first_deadline = Deadline::in(20ms);
    Peer peer([first_deadline](Peer::Call call, int) {
        call.read_head();
        call.send(ok_answer);
        call.read_head();
        while (!Deadline(first_deadline.at() + 5ms).passed()) std::this_thread::yield();
        call.send(ok_answer);
    });
    const auto client = make_client(peer.url(), {});
    auto both = [first_deadline](Client* on) -> Async<void> {
        const auto quick = co_await on->exchange(get("/"), first_deadline);
        EXPECT_EQ(outcome_of(quick), "answered");
        const auto slow = co_await on->exchange(get("/"), Deadline::in(20s));
        EXPECT_EQ(outcome_of(slow), "answered");
    };
    run(both(client.get()));
}

TEST(Client, NoticesThatAKeptConnectionWasClosed) {
    std::atomic<int> requests = 0;
    Peer peer([&requests](Peer::Call call, int) {
        if (call.read_head().empty()) return;
        ++requests;
        call.send(ok_answer);
    });
    const auto client = make_client(peer.url(), {});
    auto two = [&](Client* on) -> Async<void> {
        const auto first = co_await on->exchange(post("/", {}), Deadline::in(20s));
        EXPECT_EQ(outcome_of(first), "answered");
        while (peer.closed() == 0) co_await runtime::sleep_for(1ms);
        const auto second = co_await on->exchange(post("/", {}), Deadline::in(20s));
        EXPECT_EQ(outcome_of(second), "answered");
    };
    run(two(client.get()));
    EXPECT_EQ(requests, 2);
}

TEST(Client, RepeatsOnlyWhatMayBeRepeated) {
    for (const bool repeatable : {true, false}) {
        std::atomic<int> requests = 0;
        Peer peer([&requests](Peer::Call call, int) {
            for (int i = 0; i < 2; ++i) {
                if (call.read_head().empty()) return;
                ++requests;
                if (i == 0) call.send(ok_answer);
            }
        });
        const auto client = make_client(peer.url(), {});
        auto second = get("/");
        second.repeatable = repeatable;
        std::vector<OutgoingRequest> both;
        both.push_back(get("/"));
        both.push_back(std::move(second));
        const auto answers = ask_in_turn(*client, std::move(both));
        EXPECT_EQ(outcome_of(answers[1]), repeatable ? "answered" : "interrupted");
        EXPECT_EQ(requests, repeatable ? 3 : 2);
    }
}

TEST(Client, DoesNotRepeatOnAFreshConnection) {
    std::atomic<int> requests = 0;
    Peer peer([&requests](Peer::Call call, int) {
        call.read_head();
        ++requests;
    });
    const auto client = make_client(peer.url(), {});
    auto request = get("/");
    request.repeatable = true;
    EXPECT_EQ(outcome_of(ask(*client, std::move(request))), "interrupted");
    EXPECT_EQ(requests, 1);
}

TEST(Client, ReadsARefusalThatComesBeforeTheBodyIsSent) {
    ServerOptions options;
    options.limits.body_bytes_max = 1000;
    Serving serving(echo, options);
    const auto client = make_client(url_of(serving), {});
    const std::string large(20'000'000, 'x');
    const auto answer = ask(*client, post("/", {large}));
    ASSERT_EQ(outcome_of(answer), "answered");
    EXPECT_EQ(std::get<Response>(answer).status, 413);
}

TEST(Client, WaitsForAConnectionInOrderUpToTheMaximum) {
    std::atomic<int> connections = 0;
    Peer peer([&](Peer::Call call, int) {
        ++connections;
        answer_all(call);
    });
    ClientOptions options;
    options.connections_per_thread_max = 1;
    auto client = make_client(peer.url(), options);
    std::vector<int> order;
    auto one = [&](int number) -> Async<void> {
        const auto answer = co_await client->exchange(get("/"), Deadline::in(20s));
        EXPECT_EQ(outcome_of(answer), "answered");
        order.push_back(number);
    };
    std::vector<Async<void>> all;
    for (int i = 0; i < 5; ++i) all.push_back(one(i));
    run(runtime::gather(std::move(all)));
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
    EXPECT_EQ(connections, 1);
}

TEST(Client, WhoGetsNoConnectionBeforeTheDeadlineIsNotConnected) {
    Peer peer([](Peer::Call call, int) {
        call.read_head();
        call.wait_for_close();
    });
    ClientOptions options;
    options.connections_per_thread_max = 1;
    const auto client = make_client(peer.url(), options);
    auto wait = [](Client* on, std::chrono::milliseconds time, std::string expected) -> Async<void> {
        const auto answer = co_await on->exchange(get("/"), Deadline::in(time));
        EXPECT_EQ(outcome_of(answer), expected);
    };
    std::vector<Async<void>> both;
    both.push_back(wait(client.get(), 60ms, "timed out"));
    both.push_back(wait(client.get(), 10ms, "not connected"));
    run(runtime::gather(std::move(both)));
}

TEST(Client, CancellingClosesTheConnectionAndFreesItsPlace) {
    Peer peer([](Peer::Call call, int number) {
        call.read_head();
        if (number == 0) {
            call.wait_for_close();
        } else {
            call.send(ok_answer);
        }
    });
    ClientOptions options;
    options.connections_per_thread_max = 1;
    const auto client = make_client(peer.url(), options);
    auto both = [](Client* on) -> Async<void> {
        auto hanging = on->exchange(get("/"), Deadline::in(20s));
        const auto cancelled = co_await runtime::before(Deadline::in(10ms), std::move(hanging));
        EXPECT_FALSE(cancelled);
        const auto next = co_await on->exchange(get("/"), Deadline::in(20s));
        EXPECT_EQ(outcome_of(next), "answered");
    };
    run(both(client.get()));
}

TEST(Client, ACancelledExchangeThrowsInsteadOfBlamingThePeer) {
    Peer peer([](Peer::Call call, int) { call.wait_for_close(); });
    const auto client = make_client(peer.url(), {});
    std::string seen = "nothing";
    auto watch = [&seen](Client* on) -> Async<int> {
        try {
            const auto answer = co_await on->exchange(get("/"), Deadline::in(20s));
            seen = outcome_of(answer);
        } catch (const boost::system::system_error& e) {
            seen = "aborted";
        }
        co_return 0;
    };
    run(runtime::before(Deadline::in(10ms), watch(client.get())));
    EXPECT_EQ(seen, "aborted");
}

TEST(Client, WorksFromSeveralThreadsAtOnce) {
    Serving serving(echo);
    runtime::IoThreads io(3);
    const auto client = make_client(url_of(serving), {});
    auto many = [](Client* on, int seed) -> Async<int> {
        int good = 0;
        for (int i = 0; i < 50; ++i) {
            const auto target = "/" + std::to_string(seed) + "-" + std::to_string(i);
            const auto answer = co_await on->exchange(get(target), Deadline::in(20s));
            good += body_of(answer) == "GET " + target + " []" ? 1 : 0;
        }
        co_return good;
    };
    std::vector<Async<int>> calls;
    int seed = 0;
    for (const auto& executor : io.executors()) {
        for (int i = 0; i < 4; ++i)
            calls.push_back(runtime::on_executor(executor, many(client.get(), seed++)));
    }
    for (const int good : run(runtime::gather(std::move(calls)))) EXPECT_EQ(good, 50);
}

TEST(MakeClient, RefusesWhatIsNotAnHttpUrl) {
    for (const auto* url : {"", "example.org", "https://example.org", "http://", "http://a:b",
                            "http://a:99999", "http://user@a:1"}) {
        EXPECT_THROW(make_client(url, {}), std::invalid_argument) << url;
    }
    EXPECT_NO_THROW(make_client("http://[::1]:7700/", {}));
}

}  // namespace
}  // namespace miroir::http
