#include "reply.hpp"

#include <charconv>
#include <stdexcept>

namespace miroir::stores {

namespace {

[[noreturn]] void refuse(const char* wanted) {
    throw std::runtime_error(std::string("the coordination store answered something else than ") + wanted);
}

std::int64_t number_in(const std::string& text) {
    std::int64_t number = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end) refuse("a number");
    return number;
}

}  // namespace

const std::string& RedisReply::text() const {
    if (kind_ != Kind::text && kind_ != Kind::error) refuse("a text");
    return text_;
}

std::int64_t RedisReply::number() const {
    if (kind_ == Kind::text) return number_in(text_);
    if (kind_ != Kind::number) refuse("a number");
    return number_;
}

const std::vector<RedisReply>& RedisReply::list() const {
    if (kind_ != Kind::list) refuse("a list");
    return items_;
}

std::optional<std::string> RedisReply::optional_text() const {
    return is_nothing() ? std::nullopt : std::optional(text());
}

std::vector<std::string> RedisReply::texts() const {
    std::vector<std::string> texts;
    for (const auto& item : list()) texts.push_back(item.text());
    return texts;
}

std::vector<std::uint32_t> RedisReply::numbers() const {
    std::vector<std::uint32_t> numbers;
    for (const auto& item : list()) numbers.push_back(static_cast<std::uint32_t>(item.number()));
    return numbers;
}

RedisHash::RedisHash(const RedisReply& reply) {
    const auto& items = reply.list();
    if (items.size() % 2 != 0) refuse("fields and their values");
    for (std::size_t i = 0; i < items.size(); i += 2) fields_.emplace(items[i].text(), items[i + 1].text());
}

const std::string& RedisHash::text(const std::string& field) const {
    const auto found = fields_.find(field);
    if (found == fields_.end()) throw std::runtime_error("the coordination store has no `" + field + "`");
    return found->second;
}

std::int64_t RedisHash::number(const std::string& field) const {
    return number_in(text(field));
}

std::optional<std::string> RedisHash::optional_text(const std::string& field) const {
    const auto found = fields_.find(field);
    return found == fields_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::int64_t> RedisHash::optional_number(const std::string& field) const {
    const auto found = fields_.find(field);
    return found == fields_.end() ? std::nullopt : std::optional(number_in(found->second));
}

}  // namespace miroir::stores
