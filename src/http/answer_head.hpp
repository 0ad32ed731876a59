#pragma once

#include <string>
#include <string_view>

#include "content_coding.hpp"
#include "miroir/http/message.hpp"

namespace miroir::http {

// What an answer needs of its request and the server's options.
struct AnswerPlan {
    std::string request_id;
    bool head_only = false;  // of a HEAD request
    bool cors = true;
    bool cross_origin = false;  // the request has an Origin
    bool close = false;         // the connection ends with this answer
    Coding coding = Coding::identity;
};

bool has_body(int status);

// A preflight is answered without a handler.
bool is_preflight(const Request& request);
Response preflight_answer(const Request& request);

// Status line, the response's headers and the server's own, ready to be sent before a body of `body_bytes`.
std::string answer_head(const AnswerPlan& plan, const Response& response, std::size_t body_bytes);

}  // namespace miroir::http
