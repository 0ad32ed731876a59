#pragma once

// First: the policies rely on what it includes.
#include <boost/outcome/result.hpp>

#include <boost/outcome/policy/throw_bad_result_access.hpp>
#include <boost/outcome/success_failure.hpp>

#include "miroir/base/error.hpp"

namespace miroir {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

// A value, or the error the client should see. Accessing the wrong side throws: check first.
template <class T, class E = ApiError>
using Result = outcome::basic_result<T, E, outcome::policy::throw_bad_result_access<E, void>>;

// The success of a Result<void>: `return ok();`
inline auto ok() {
    return outcome::success();
}

}  // namespace miroir
