#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <list>

#include "miroir/runtime/concurrency.hpp"
#include "miroir/runtime/on_executor.hpp"

namespace miroir::runtime {

// Everything but `running` is touched on `executor` only.
struct TaskGroup::State : std::enable_shared_from_this<State> {
    struct Entry {
        std::string name;
        std::function<Async<void>()> body;  // its captures live as long as its coroutine
        asio::cancellation_signal signal;
    };

    State(Executor on, OnError report)
        : executor(std::move(on)), on_error(std::move(report)), one_ended(executor) {}

    void start(std::string name, std::function<Async<void>()> body) {
        if (stopping) {
            count_ended();
            return;
        }
        auto entry = entries.emplace(entries.end());
        entry->name = std::move(name);
        entry->body = std::move(body);
        auto ended = [self = shared_from_this(), entry](std::exception_ptr error) {
            if (error) self->report(entry->name, error);
            // Posted: the coroutine that ends here still refers to the signal.
            asio::post(self->executor, [self, entry] {
                self->entries.erase(entry);
                self->count_ended();
            });
        };
        auto token = asio::bind_cancellation_slot(entry->signal.slot(), std::move(ended));
        asio::co_spawn(executor, entry->body(), std::move(token));
    }

    void report(const std::string& name, const std::exception_ptr& error) const {
        try {
            std::rethrow_exception(error);
        } catch (const boost::system::system_error& e) {
            if (stopping && e.code() == asio::error::operation_aborted) return;
            on_error(name, e.what());
        } catch (const std::exception& e) {
            on_error(name, e.what());
        } catch (...) {
            on_error(name, "unknown exception");
        }
    }

    void count_ended() {
        --running;
        one_ended.notify_all();
    }

    static Async<void> stop(std::shared_ptr<State> self) {
        self->stopping = true;
        for (auto& entry : self->entries) entry.signal.emit(asio::cancellation_type::terminal);
        while (self->running > 0) co_await self->one_ended.wait(std::chrono::hours(1));
    }

    Executor executor;
    OnError on_error;
    Signal one_ended;
    std::list<Entry> entries;
    bool stopping = false;
    std::atomic<std::size_t> running = 0;
};

TaskGroup::TaskGroup(Executor executor, OnError on_error)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_error))) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(std::string name, std::function<Async<void>()> body) {
    ++state_->running;
    asio::post(state_->executor, [state = state_, name = std::move(name), body = std::move(body)]() mutable {
        state->start(std::move(name), std::move(body));
    });
}

Async<void> TaskGroup::stop() {
    const auto state = state_;
    auto stopped = State::stop(state);
    co_await on_executor(state->executor, std::move(stopped));
}

std::size_t TaskGroup::running() const {
    return state_->running;
}

TaskGroup::OnError log_errors(Log& log) {
    return [&log](const std::string& name, const std::string& what) {
        log.error("background work ended with an error", {{"work", name}, {"what", what}});
    };
}

}  // namespace miroir::runtime
