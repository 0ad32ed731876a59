#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "miroir/coordination/store_error.hpp"
#include "miroir/coordination/store_limits.hpp"
#include "miroir/runtime/async.hpp"
#include "miroir/runtime/blocking_pool.hpp"
#include "miroir/stores/sql/connection.hpp"

namespace miroir::stores {

struct SqlSessionOptions {
    // Threads, and so connections. One serves everything in the order of the calls; of several, one serves
    // the steps that must keep it.
    std::size_t connections = 1;
    // Steps that wait for each thread; more are refused with StoreUnavailable.
    std::size_t queue_max = 4096;
    std::string thread_name = "sql";
    coordination::StoreLimits limits;
};

// Runs steps on a database. Work gets a connection on a thread of the session and must not keep it; whatever
// it throws arrives as StoreUnavailable.
class SqlSession {
public:
    SqlSession(SqlConnections& connections, SqlSessionOptions options)
        : options_(std::move(options)),
          connections_(connections),
          ordered_(1, options_.queue_max, options_.thread_name) {
        if (options_.connections > 1) {
            others_.emplace(options_.connections - 1, options_.queue_max, options_.thread_name);
        }
    }

    // A single statement, or several that need not agree.
    template <class F>
    Async<std::invoke_result_t<F&, SqlConnection&>> read(F work) {
        return run(others_ ? &*others_ : &ordered_, std::move(work));
    }

    // One transaction: all of it or, when it throws, nothing.
    template <class F>
    Async<std::invoke_result_t<F&, SqlConnection&>> write(SqlLock lock, F work) {
        return read(in_transaction(lock, std::move(work)));
    }

    // The same; these run and their callers resume in the order of the calls.
    template <class F>
    Async<std::invoke_result_t<F&, SqlConnection&>> write_in_order(SqlLock lock, F work) {
        return run(&ordered_, in_transaction(lock, std::move(work)));
    }

    const SqlSessionOptions& options() const { return options_; }

private:
    class Borrowed {
    public:
        explicit Borrowed(SqlConnections& connections)
            : connections_(connections), connection_(connections.take()) {}
        ~Borrowed() { connections_.give_back(connection_); }
        Borrowed(Borrowed&&) = delete;
        SqlConnection& connection() { return connection_; }

    private:
        SqlConnections& connections_;
        SqlConnection& connection_;
    };

    class Transaction {
    public:
        Transaction(SqlConnection& connection, SqlLock lock) : connection_(connection) {
            connection.begin(lock);
        }
        ~Transaction() {
            if (open_) connection_.undo();
        }
        Transaction(Transaction&&) = delete;
        void commit() {
            connection_.commit();
            open_ = false;
        }

    private:
        SqlConnection& connection_;
        bool open_ = true;
    };

    template <class F>
    static auto in_transaction(SqlLock lock, F work) {
        return [lock, work = std::move(work)](SqlConnection& connection) mutable {
            Transaction transaction(connection, lock);
            if constexpr (std::is_void_v<std::invoke_result_t<F&, SqlConnection&>>) {
                work(connection);
                transaction.commit();
            } else {
                auto result = work(connection);
                transaction.commit();
                return result;
            }
        };
    }

    template <class F>
    Async<std::invoke_result_t<F&, SqlConnection&>> run(runtime::BlockingPool* pool, F work) {
        auto call = pool->run([this, work = std::move(work)]() mutable {
            try {
                Borrowed borrowed(connections_);
                return work(borrowed.connection());
            } catch (const std::exception& error) {
                throw coordination::StoreUnavailable(error.what());
            }
        });
        return unless_full(std::move(call));
    }

    template <class T>
    static Async<T> unless_full(Async<T> call) {
        try {
            co_return co_await std::move(call);
        } catch (const runtime::PoolFull&) {
            throw coordination::StoreUnavailable("too many steps wait for the coordination database");
        }
    }

    SqlSessionOptions options_;
    SqlConnections& connections_;
    // Last: their threads use the connections.
    runtime::BlockingPool ordered_;
    std::optional<runtime::BlockingPool> others_;
};

}  // namespace miroir::stores
