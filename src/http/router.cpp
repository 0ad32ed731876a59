#include "miroir/http/router.hpp"

#include <algorithm>
#include <stdexcept>

namespace miroir::http {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_capture(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool takes_rest(std::string_view capture) {
    return capture[capture.size() - 2] == '*';
}

std::string_view capture_name(std::string_view capture) {
    capture = capture.substr(1, capture.size() - 2);
    if (capture.back() == '*') capture.remove_suffix(1);
    return capture;
}

// The next segment of "/a/b", cut from its front.
std::string_view cut_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

}  // namespace

struct Router::Segment {
    struct Route {
        Method method;
        Handler handler;
    };
    // What can stand at one place of the path, after what stands before it.
    struct Literal {
        std::string text;
        std::unique_ptr<Segment> next;
    };

    std::vector<Literal> literals;
    std::unique_ptr<Segment> capture;
    std::unique_ptr<Segment> rest;
    // Set where templates end.
    std::string path_template;
    std::vector<std::string> names;
    std::vector<Route> routes;

    Segment& child(std::string_view segment) {
        if (is_capture(segment)) {
            auto& place = takes_rest(segment) ? rest : capture;
            if (!place) place = std::make_unique<Segment>();
            return *place;
        }
        for (auto& literal : literals) {
            if (literal.text == segment) return *literal.next;
        }
        return *literals.emplace_back(Literal{std::string(segment), std::make_unique<Segment>()}).next;
    }

    const Segment* find(std::string_view path, std::vector<std::string>& captured) const {
        if (path.empty()) {
            if (!routes.empty()) return this;
            if (rest) captured.emplace_back();
            return rest.get();
        }
        std::string_view after = path;
        std::string segment = percent_decoded(cut_segment(after));
        for (const auto& literal : literals) {
            if (literal.text != segment) continue;
            if (const auto* found = literal.next->find(after, captured)) return found;
        }
        if (capture && !segment.empty()) {
            captured.push_back(std::move(segment));
            if (const auto* found = capture->find(after, captured)) return found;
            captured.pop_back();
        }
        if (rest) captured.push_back(percent_decoded(path.substr(1)));
        return rest.get();
    }

    std::string allowed() const {
        std::string allow;
        for (const auto& route : routes) {
            if (!allow.empty()) allow += ", ";
            allow += name_of(route.method);
        }
        return allow;
    }
};

Router::Router() : root_(std::make_unique<Segment>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;

void Router::add(Method method, std::string path_template, Handler handler) {
    if (!path_template.starts_with('/'))
        throw std::invalid_argument("a route begins with '/': " + path_template);
    Segment* place = root_.get();
    std::vector<std::string> names;
    std::string_view left = path_template == "/" ? std::string_view() : path_template;
    while (!left.empty()) {
        const auto segment = cut_segment(left);
        if (segment.empty()) throw std::invalid_argument("empty segment in route " + path_template);
        place = &place->child(segment);
        if (!is_capture(segment)) continue;
        names.emplace_back(capture_name(segment));
        if (takes_rest(segment) && !left.empty())
            throw std::invalid_argument("'*' not at the end: " + path_template);
    }
    if (!place->routes.empty() && place->names != names) {
        throw std::invalid_argument(path_template + " names its captures unlike " + place->path_template);
    }
    for (const auto& route : place->routes) {
        if (route.method == method) throw std::invalid_argument("route added twice: " + path_template);
    }
    place->path_template = std::move(path_template);
    place->names = std::move(names);
    place->routes.push_back({method, std::move(handler)});
    // The order of the enum is the order in which Meilisearch lists them.
    std::sort(place->routes.begin(), place->routes.end(),
              [](const auto& left_route, const auto& right_route) {
                  return left_route.method < right_route.method;
              });
}

Router::Match Router::match(Method method, std::string_view path) const {
    Match match;
    std::vector<std::string> captured;
    if (!path.starts_with('/')) return match;
    const Segment* place = root_->find(path == "/" ? std::string_view() : path, captured);
    if (!place) return match;
    match.path_template = place->path_template;
    for (const auto& route : place->routes) {
        if (route.method == method) match.handler = &route.handler;
    }
    if (!match.handler) {
        match.allow = place->allowed();
        return match;
    }
    for (std::size_t i = 0; i < place->names.size(); ++i) {
        match.path_parameters.emplace_back(place->names[i], std::move(captured[i]));
    }
    return match;
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high < 0 ? -1 : hex_value(text[i + 2]);
        if (low < 0) {
            decoded.push_back(text[i]);
            continue;
        }
        decoded.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return decoded;
}

std::string percent_encoded(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            encoded.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded.push_back('%');
        encoded.push_back(digits[byte >> 4]);
        encoded.push_back(digits[byte & 15]);
    }
    return encoded;
}

}  // namespace miroir::http
