#include "miroir/http/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "run_async.hpp"

namespace miroir::http {
namespace {

Handler answering(std::string body) {
    return [body](Request) -> Async<Response> { co_return json_response(body); };
}

Router some_router() {
    Router router;
    router.add(Method::get, "/", answering("root"));
    router.add(Method::post, "/indexes", answering("create"));
    router.add(Method::get, "/indexes", answering("list"));
    router.add(Method::get, "/indexes/{uid}", answering("index"));
    router.add(Method::get, "/indexes/{uid}/documents/{id}", answering("document"));
    router.add(Method::post, "/indexes/{uid}/documents/delete-batch", answering("delete batch"));
    router.add(Method::get, "/ui/{path*}", answering("asset"));
    return router;
}

std::string answer_of(const Router& router, Method method, std::string_view path) {
    const auto match = router.match(method, path);
    if (!match.handler) return match.allow.empty() ? "404" : "405 " + match.allow;
    return run((*match.handler)(Request())).body;
}

TEST(Router, FindsHandlersByMethodAndPath) {
    const auto router = some_router();
    EXPECT_EQ(answer_of(router, Method::get, "/"), "root");
    EXPECT_EQ(answer_of(router, Method::get, "/indexes"), "list");
    EXPECT_EQ(answer_of(router, Method::post, "/indexes"), "create");
    EXPECT_EQ(answer_of(router, Method::get, "/indexes/books"), "index");
}

TEST(Router, TellsUnknownPathsFromUnknownMethods) {
    const auto router = some_router();
    EXPECT_EQ(answer_of(router, Method::get, "/nothing"), "404");
    EXPECT_EQ(answer_of(router, Method::get, "/indexes/books/nothing"), "404");
    EXPECT_EQ(answer_of(router, Method::get, "/indexes/books/documents/1/more"), "404");
    EXPECT_EQ(answer_of(router, Method::get, "*"), "404");
    EXPECT_EQ(answer_of(router, Method::put, "/indexes"), "405 GET, POST");
    EXPECT_EQ(answer_of(router, Method::head, "/indexes/books"), "405 GET");
}

TEST(Router, ALiteralWinsOverACaptureWhateverTheMethod) {
    const auto router = some_router();
    EXPECT_EQ(answer_of(router, Method::post, "/indexes/books/documents/delete-batch"), "delete batch");
    EXPECT_EQ(answer_of(router, Method::get, "/indexes/books/documents/delete-batch"), "405 POST");
}

TEST(Router, FallsBackToACaptureWhenTheLiteralLeadsNowhere) {
    Router router;
    router.add(Method::get, "/a/b/c", answering("literal"));
    router.add(Method::get, "/a/{x}/d", answering("capture"));
    EXPECT_EQ(answer_of(router, Method::get, "/a/b/d"), "capture");
    EXPECT_EQ(router.match(Method::get, "/a/b/d").path_parameters.at(0).second, "b");
}

TEST(Router, DecodesCapturesAfterSplitting) {
    const auto router = some_router();
    const auto match = router.match(Method::get, "/indexes/b%C3%BCcher/documents/a%2Fb+%zz");
    ASSERT_TRUE(match.handler);
    EXPECT_EQ(match.path_template, "/indexes/{uid}/documents/{id}");
    using Parameters = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(match.path_parameters, (Parameters{{"uid", "bücher"}, {"id", "a/b+%zz"}}));
}

TEST(Router, AStarTakesTheRest) {
    const auto router = some_router();
    EXPECT_EQ(router.match(Method::get, "/ui/css/site.css").path_parameters.at(0).second, "css/site.css");
    EXPECT_EQ(router.match(Method::get, "/ui").path_parameters.at(0).second, "");
}

TEST(Router, RefusesBadAndRepeatedRoutes) {
    auto router = some_router();
    EXPECT_THROW(router.add(Method::get, "/indexes", answering("")), std::invalid_argument);
    EXPECT_THROW(router.add(Method::post, "/indexes/{other}", answering("")), std::invalid_argument);
    EXPECT_THROW(router.add(Method::get, "no-slash", answering("")), std::invalid_argument);
    EXPECT_THROW(router.add(Method::get, "/a//b", answering("")), std::invalid_argument);
    EXPECT_THROW(router.add(Method::get, "/{rest*}/more", answering("")), std::invalid_argument);
}

TEST(PercentEncoding, RoundTrips) {
    EXPECT_EQ(percent_encoded("a/b c~ü"), "a%2Fb%20c~%C3%BC");
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text(1, static_cast<char>(byte));
        EXPECT_EQ(percent_decoded(percent_encoded(text)), text);
    }
    EXPECT_EQ(percent_decoded("%4"), "%4");
    EXPECT_EQ(percent_decoded("100%"), "100%");
}

}  // namespace
}  // namespace miroir::http
