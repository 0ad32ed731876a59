#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "miroir/http/message.hpp"
#include "miroir/http/server.hpp"

namespace miroir::http {

// Finds the handler of a path and method. Immutable after the last add(): then safe from every thread.
class Router {
public:
    Router();
    ~Router();
    Router(Router&&) noexcept;

    // `path_template` is like "/indexes/{uid}/documents/{id}"; a last segment "{name*}" takes the rest of the
    // path, slashes included. Literal segments win over captures. Throws std::invalid_argument for a bad or
    // repeated route.
    void add(Method method, std::string path_template, Handler handler);

    struct Match {
        // Null when the path is unknown (404) or does not take the method (405: `allow` is not empty).
        const Handler* handler = nullptr;
        // The template, for labels; also set for 405. Lives as long as the router.
        std::string_view path_template;
        std::vector<std::pair<std::string, std::string>> path_parameters;
        // For the answer's `allow` header: "GET, POST".
        std::string allow;
    };
    // `path` is percent-encoded, without query; parameters come out decoded.
    Match match(Method method, std::string_view path) const;

private:
    struct Segment;
    std::unique_ptr<Segment> root_;
};

// Broken escapes stay as they are.
std::string percent_decoded(std::string_view text);
// Encodes everything but A-Z a-z 0-9 - . _ ~
std::string percent_encoded(std::string_view text);

}  // namespace miroir::http
