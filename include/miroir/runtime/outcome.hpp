#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "miroir/runtime/async.hpp"

namespace miroir::runtime {

// How a piece of work ended: its value or the exception it threw.
template <class T>
class Outcome {
public:
    void set_value(T value) { value_.emplace(std::move(value)); }
    void set_error(std::exception_ptr error) { error_ = std::move(error); }
    T take() {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
    std::exception_ptr error_;
};

template <>
class Outcome<void> {
public:
    void set_error(std::exception_ptr error) { error_ = std::move(error); }
    void take() {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

private:
    std::exception_ptr error_;
};

// Awaits `call` and keeps how it ended in `into`, which outlives the coroutine.
template <class T>
Async<void> capture(Async<T> call, Outcome<T>* into) {
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(call);
        } else {
            T value = co_await std::move(call);
            into->set_value(std::move(value));
        }
    } catch (...) {
        into->set_error(std::current_exception());
    }
}

}  // namespace miroir::runtime
