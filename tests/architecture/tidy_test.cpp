#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "source_rules.hpp"
#include "source_text.hpp"

namespace miroir::architecture {
namespace {

constexpr std::size_t function_lines_max = 70;
constexpr std::size_t file_lines_max = 500;
constexpr std::size_t columns_max = 110;

const std::vector<SourceFile>& all_files() {
    static const auto files = source_files({"include", "src", "tests"});
    return files;
}

using Rule = std::function<std::vector<Fault>(const SourceFile&)>;

void expect_clean(const Rule& rule) {
    std::vector<std::string> complaints;
    for (const auto& file : all_files()) {
        for (const auto& fault : rule(file)) {
            complaints.push_back(file.name + ":" + std::to_string(fault.line) + ": " + fault.what);
        }
    }
    EXPECT_TRUE(complaints.empty()) << joined(complaints);
}

std::vector<std::size_t> lines_of(const std::vector<Fault>& faults) {
    std::vector<std::size_t> lines;
    for (const auto& fault : faults) lines.push_back(fault.line);
    return lines;
}

using Lines = std::vector<std::size_t>;

TEST(Tidy, FunctionsAreShort) {
    expect_clean([](const SourceFile& file) { return overlong_functions(file.text, function_lines_max); });
}

TEST(Tidy, FilesAreShort) {
    expect_clean([](const SourceFile& file) -> std::vector<Fault> {
        const auto lines = static_cast<std::size_t>(std::count(file.text.begin(), file.text.end(), '\n'));
        if (lines <= file_lines_max) return {};
        return {{lines, "a file of " + std::to_string(lines) + " lines"}};
    });
}

TEST(Tidy, LinesAreShort) {
    expect_clean([](const SourceFile& file) { return overlong_lines(file.text, columns_max); });
}

TEST(Tidy, NoUnfinishedWork) {
    expect_clean([](const SourceFile& file) { return unfinished_work(file.text); });
}

TEST(Tidy, NoBannedCalls) {
    expect_clean([](const SourceFile& file) { return banned_calls(file.name, file.text); });
}

TEST(Tidy, AnAwaitStandsAlone) {
    expect_clean([](const SourceFile& file) { return crowded_awaits(file.text); });
}

TEST(Tidy, CoroutinesTakeValues) {
    expect_clean([](const SourceFile& file) {
        return file.name.starts_with("tests/") ? std::vector<Fault>{} : reference_parameters(file.text);
    });
}

TEST(Tidy, EveryHeaderIsIncluded) {
    const auto unused = unused_headers(all_files());
    EXPECT_TRUE(unused.empty()) << joined(unused);
}

TEST(SourceText, CommentsAndLiteralsAreNotCode) {
    const std::string text =
        "int a = 1'000; // b{\n"
        "auto c = \"d \\\" /* e\"; /* f\n g */ char h = '\"';\n"
        "auto i = R\"x(j)\" k)x\"; int l;\n";
    const auto blanks = [](std::size_t count) { return std::string(count, ' '); };
    EXPECT_EQ(code_of(text), "int a = 1'000; " + blanks(5) + "\nauto c = " + blanks(11) + "; " + blanks(4) +
                                 "\n" + blanks(5) + " char h = " + blanks(3) + ";\nauto i = R" + blanks(11) +
                                 "; int l;\n");
}

TEST(SourceText, IncludesInCommentsAndStringsAreNone) {
    const auto includes =
        includes_of("#include <a>\n// #include <b>\n/*\n#include <c>\n*/\n#include \"d/e.hpp\"\n");
    ASSERT_EQ(includes.size(), 2u);
    EXPECT_EQ(includes[0].target, "a");
    EXPECT_EQ(includes[1].target, "d/e.hpp");
    EXPECT_EQ(includes[1].line, 6u);
}

TEST(SourceRules, FunctionsAreFoundInNamespacesAndClasses) {
    const auto functions = functions_of(
        "namespace a {\n"
        "struct B : C<int> {\n"
        "    B() : x_{1}, y_(2) {\n"
        "    }\n"
        "    bool operator==(const B&) const { return true; }\n"
        "    int x_ = 0;\n"
        "    int y_{1};\n"
        "};\n"
        "enum class D { e, f };\n"
        "const std::vector<G> table = {\n"
        "    {1, g(2)},\n"
        "};\n"
        "template <class T = int>\n"
        "Async<std::vector<T>> h(int i = 3) {\n"
        "    if (i) {\n"
        "        run([] { return 1; });\n"
        "    }\n"
        "}\n"
        "#define MACRO(x) { x\n"
        "TEST(A, B) {\n"
        "}\n"
        "}\n");
    ASSERT_EQ(functions.size(), 4u);
    EXPECT_EQ(functions[0].last_line, 4u);
    EXPECT_EQ(functions[1].lines(), 1u);
    EXPECT_EQ(functions[2].first_line, 13u);
    EXPECT_EQ(functions[2].lines(), 6u);
    EXPECT_EQ(functions[3].first_line, 20u);
}

TEST(SourceRules, AnOverlongFunctionIsNamedByItsFirstLine) {
    const std::string text = "int a() { return 1; }\n\nint b() {\n" + std::string(5, '\n') + "}\n";
    EXPECT_EQ(lines_of(overlong_functions(text, 6)), Lines{3});
    EXPECT_EQ(lines_of(overlong_functions(text, 7)), Lines{});
}

TEST(SourceRules, UnfinishedWorkIsWhatCommentsSay) {
    const std::string word =
        "TO"
        "DO";
    EXPECT_EQ(lines_of(unfinished_work("int a;\n// " + word + ": b\nauto c = \"" + word + "\";\n")),
              Lines{2});
}

TEST(SourceRules, BannedCallsDependOnThePlace) {
    const std::string text =
        "void f() {\n std::this_thread::sleep_for(1s);\n auto t = std::chrono::system_clock::now();\n"
        " thread.detach();\n spawn(asio::detached);\n auto d = runtime::sleep_for(1s);\n}\n";
    EXPECT_EQ(lines_of(banned_calls("src/http/server.cpp", text)), (Lines{2, 3, 4}));
    EXPECT_EQ(lines_of(banned_calls("src/runtime/sleep.cpp", text)), (Lines{3, 4}));
    EXPECT_EQ(lines_of(banned_calls("src/base/clock.cpp", text)), (Lines{2, 4}));
}

TEST(SourceRules, AnAwaitBesideATemporaryIsCrowded) {
    const auto crowded = [](const std::string& statement) {
        return !crowded_awaits("Async<void> f() {\n    " + statement + "\n}\n").empty();
    };
    EXPECT_TRUE(crowded("co_await g(Options{.a = 1});"));
    EXPECT_TRUE(crowded("auto r = Reply{a, co_await body()};"));
    EXPECT_TRUE(crowded("co_return Reply{a, co_await body()};"));
    EXPECT_TRUE(crowded("auto r = h(Reply{a}, co_await body());"));
    EXPECT_TRUE(crowded("auto r = c ? co_await g() : P();"));
    EXPECT_TRUE(crowded("co_await spawn(e, [x = std::move(x)]() -> Async<void> { co_return; });"));
    EXPECT_TRUE(crowded("co_await g(std::vector<int>{1});"));
}

TEST(SourceRules, AnAwaitAloneIsNotCrowded) {
    const auto crowded = [](const std::string& statements) {
        return !crowded_awaits("Async<void> f() {\n    " + statements + "\n}\n").empty();
    };
    EXPECT_FALSE(crowded("auto r = co_await g(std::move(options), deadline);"));
    EXPECT_FALSE(crowded("Options o{.a = c ? 1 : 2}; co_await g(std::move(o));"));
    EXPECT_FALSE(crowded("if (co_await g()) {\n return Reply{1}; }"));
    EXPECT_FALSE(crowded("for (auto& x : co_await g()) {\n y(Z{x}); }"));
    EXPECT_FALSE(crowded("group.spawn(name, [this]() -> Async<void> {\n co_await run(); });"));
    EXPECT_FALSE(crowded("co_await g([this] { return a ? Reply{1} : Reply{2}; });"));
    EXPECT_FALSE(crowded("while (i[j == 1]) co_await g(a[b]);\n auto q = Reply{2};"));
    EXPECT_FALSE(crowded("if (a) {\n b(); }\n co_await g();"));
    EXPECT_FALSE(crowded("co_await g(\"really? [x = 1] Type{\");  // Type{ ?"));
}

TEST(SourceRules, ReferencesThatCoroutinesTakeAreFound) {
    const std::string text =
        "Async<void> plain(int a, std::vector<Map<A&, B>> b);\n"
        "Async<int> declared(const std::string& name);\n"
        "Async<Result<std::vector<A>>> Class::defined(A a,\n    B&& b) { co_return a; }\n"
        "Async<void> takes(std::function<Async<int>(A&)> call);\n"
        "auto f = [&](A a, std::function<bool(const A&)> b) -> Async<void> { co_return; };\n"
        "auto g = [x](A& a) mutable -> Async<Map<A, B>> { co_return; };\n"
        "void spawn(Async<void> work, const A& a);\n"
        "const Async<int>& same(Async<int> a);\n";
    EXPECT_EQ(lines_of(reference_parameters(text)), (Lines{2, 3, 7}));
}

TEST(SourceRules, AHeaderThatOnlyItsOwnSourceIncludesIsUnused) {
    const std::vector<SourceFile> files = {
        {"", "include/miroir/a/error.hpp", ""},
        {"", "include/miroir/b/error.hpp", ""},
        {"", "src/a/used.hpp", ""},
        {"", "src/a/unused.hpp", ""},
        {"", "src/a/unused.cpp", "#include \"unused.hpp\"\n#include \"used.hpp\"\n"},
        {"", "src/b/error.cpp", "#include \"miroir/b/error.hpp\"\n#include \"miroir/a/error.hpp\"\n"},
    };
    const std::vector<std::string> unused = {"include/miroir/b/error.hpp", "src/a/unused.hpp"};
    EXPECT_EQ(unused_headers(files), unused);
}

}  // namespace
}  // namespace miroir::architecture
