#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

#include "miroir/runtime/async.hpp"

namespace miroir::runtime {

// Starts `call`, lets it run until it waits, cancels it; true when it then ends with operation_aborted.
inline bool ends_with_abort_when_cancelled(Async<void> call) {
    asio::io_context context(1);
    const asio::steady_timer reactor(context);  // as in run()
    asio::cancellation_signal signal;
    bool aborted = false;
    auto ended = [&aborted](std::exception_ptr error) {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const boost::system::system_error& e) {
            aborted = e.code() == asio::error::operation_aborted;
        }
    };
    asio::co_spawn(context, std::move(call), asio::bind_cancellation_slot(signal.slot(), ended));
    asio::post(context, [&signal] { signal.emit(asio::cancellation_type::terminal); });
    context.run_for(std::chrono::minutes(1));
    return aborted;
}

}  // namespace miroir::runtime
