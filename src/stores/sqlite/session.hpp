#pragma once

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

#include "miroir/coordination/store_error.hpp"
#include "miroir/runtime/async.hpp"
#include "miroir/runtime/blocking_pool.hpp"
#include "miroir/sqlite/connection.hpp"
#include "miroir/sqlite/transaction.hpp"
#include "miroir/stores/sqlite/store.hpp"

namespace miroir::stores {

// The one connection of a store and its thread. Work gets the connection there and must not keep it; whatever
// it throws arrives as StoreUnavailable.
class Session {
public:
    Session(const std::string& path, const SqliteStoreOptions& options);

    // A single statement, or several that need not agree.
    template <class F>
    Async<std::invoke_result_t<F&, sqlite::Connection&>> read(F work) {
        auto call = pool_.run([this, work = std::move(work)]() mutable {
            try {
                return work(connection_);
            } catch (const std::exception& error) {
                throw coordination::StoreUnavailable(error.what());
            }
        });
        return unless_full(std::move(call));
    }

    // One transaction: all of it or, when it throws, nothing.
    template <class F>
    Async<std::invoke_result_t<F&, sqlite::Connection&>> write(F work) {
        return read([work = std::move(work)](sqlite::Connection& connection) mutable {
            sqlite::Transaction transaction(connection);
            if constexpr (std::is_void_v<std::invoke_result_t<F&, sqlite::Connection&>>) {
                work(connection);
                transaction.commit();
            } else {
                auto result = work(connection);
                transaction.commit();
                return result;
            }
        });
    }

    // Only at start, before the first call.
    sqlite::Connection& connection() { return connection_; }

    const SqliteStoreOptions& options() const { return options_; }
    WallTime now() const { return options_.clock->wall(); }

private:
    template <class T>
    static Async<T> unless_full(Async<T> call) {
        try {
            co_return co_await std::move(call);
        } catch (const runtime::PoolFull&) {
            throw coordination::StoreUnavailable("too many steps wait for the coordination database");
        }
    }

    SqliteStoreOptions options_;
    sqlite::Connection connection_;
    // Last: its thread uses the connection.
    runtime::BlockingPool pool_;
};

}  // namespace miroir::stores
