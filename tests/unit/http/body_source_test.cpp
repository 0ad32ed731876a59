#include "miroir/http/body_source.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "miroir/http/client.hpp"
#include "miroir/runtime/before.hpp"
#include "peer.hpp"
#include "serving.hpp"

namespace miroir::http {
namespace {

using namespace std::chrono_literals;
using Answer = std::variant<Response, ExchangeFailure>;

// Pieces of these sizes, every one in the same memory: what is not copied or sent in time is lost.
class MadeBody final : public BodySource {
public:
    explicit MadeBody(std::vector<std::size_t> sizes) : sizes_(std::move(sizes)) {
        for (const auto size : sizes_) size_ += size;
    }

    std::uint64_t size() const override { return size_; }

    std::string_view next() override {
        if (at_ == sizes_.size()) return {};
        piece_.assign(sizes_[at_], letter(at_));
        *made += sizes_[at_++];
        return piece_;
    }

    void rewind() override { at_ = 0; }

    std::string whole() const {
        std::string text;
        for (std::size_t i = 0; i < sizes_.size(); ++i) text.append(sizes_[i], letter(i));
        return text;
    }

    // Bytes that were asked for; outlives the source.
    const std::shared_ptr<std::uint64_t> made = std::make_shared<std::uint64_t>(0);

private:
    static char letter(std::size_t piece) { return static_cast<char>('a' + piece % 26); }

    std::vector<std::size_t> sizes_;
    std::uint64_t size_ = 0;
    std::size_t at_ = 0;
    std::string piece_;
};

std::vector<std::size_t> random_sizes(std::mt19937& random) {
    static constexpr std::size_t largest[] = {3, 300, 70'000, 300'000};
    std::vector<std::size_t> sizes(random() % 60);
    for (auto& size : sizes) size = 1 + random() % largest[random() % 4];
    return sizes;
}

OutgoingRequest post(std::shared_ptr<BodySource> source, std::vector<std::string_view> before = {}) {
    OutgoingRequest request;
    request.method = Method::post;
    request.target = "/";
    request.body = std::move(before);
    request.source = std::move(source);
    return request;
}

std::string text_of(const Answer& answer) {
    if (const auto* failure = std::get_if<ExchangeFailure>(&answer)) return "failed: " + failure->detail;
    return std::get<Response>(answer).body;
}

std::string url_of(const Serving& serving) {
    return "http://127.0.0.1:" + std::to_string(serving.port());
}

const std::string ok_answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

std::size_t length_in(const std::string& head) {
    const std::string name = "content-length: ";
    return std::stoul(head.substr(head.find(name) + name.size()));
}

TEST(BodySource, ItsPiecesAreTheBody) {
    Serving serving(echo);
    const auto client = make_client(url_of(serving), {});
    for (std::uint32_t seed = 0; seed < 30; ++seed) {
        std::mt19937 random(seed);
        const auto source = std::make_shared<MadeBody>(random_sizes(random));
        const bool behind_others = random() % 2 == 0;
        const std::vector<std::string_view> before{"[", "1"};
        auto request = post(source, behind_others ? before : std::vector<std::string_view>{});
        const auto answer = run(client->exchange(std::move(request), Deadline::in(20s)));
        const std::string expected =
            "POST / [" + std::string(behind_others ? "[1" : "") + source->whole() + "]";
        ASSERT_TRUE(text_of(answer) == expected) << "seed " << seed;
    }
}

// The second exchange meets a kept connection that the peer closes once it has read everything.
TEST(BodySource, ARepeatedRequestMakesTheSameBodyAgain) {
    std::mt19937 random(1);
    const auto source = std::make_shared<MadeBody>(random_sizes(random));
    std::vector<std::string> bodies;
    std::vector<std::size_t> lengths;
    Peer peer([&](Peer::Call call, int number) {
        if (number == 0) {
            call.read_head();
            call.send(ok_answer);
        }
        const auto head = call.read_head();
        lengths.push_back(length_in(head));
        bodies.push_back(call.read(lengths.back()));
        if (number == 1) call.send(ok_answer);
    });
    const auto client = make_client(peer.url(), {});
    auto both = [](Client* on, std::shared_ptr<MadeBody> made) -> Async<Answer> {
        OutgoingRequest first;
        first.target = "/";
        const auto kept = co_await on->exchange(std::move(first), Deadline::in(20s));
        EXPECT_EQ(text_of(kept), "ok");
        auto second = post(std::move(made));
        second.repeatable = true;
        auto answer = co_await on->exchange(std::move(second), Deadline::in(20s));
        co_return answer;
    };
    EXPECT_EQ(text_of(run(both(client.get(), source))), "ok");
    peer.stop();
    ASSERT_EQ(bodies.size(), 2);
    EXPECT_TRUE(bodies[0] == source->whole());
    EXPECT_TRUE(bodies[1] == source->whole());
    EXPECT_EQ(lengths, std::vector(2, source->whole().size()));
    EXPECT_EQ(*source->made, 2 * source->size());
}

// What the peer does not read is not made, and a cancelled exchange lets go of its source.
TEST(BodySource, IsMadeWhileItIsSentAndFreedWhenTheSendingEnds) {
    std::atomic<bool> done = false;
    Peer peer([&done](Peer::Call, int) {
        while (!done) std::this_thread::yield();
    });
    const auto client = make_client(peer.url(), {});
    auto source = std::make_shared<MadeBody>(std::vector<std::size_t>(1'000'000, 300));
    const std::weak_ptr<MadeBody> watched = source;
    const auto made = source->made;
    auto cancel = [](Client* on, std::shared_ptr<BodySource> body) -> Async<void> {
        auto sending = on->exchange(post(std::move(body)), Deadline::in(20s));
        const auto answer = co_await runtime::before(Deadline::in(50ms), std::move(sending));
        EXPECT_FALSE(answer);
    };
    run(cancel(client.get(), std::move(source)));
    done = true;
    EXPECT_GT(*made, 0);
    EXPECT_LT(*made, 50'000'000);
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace miroir::http
