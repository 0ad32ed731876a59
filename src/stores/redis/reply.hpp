#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace miroir::stores {

// What a Redis server answers. Asking for another kind than it is throws std::runtime_error.
class RedisReply {
public:
    enum class Kind { nothing, text, number, list, error };

    static RedisReply nothing() { return {}; }
    static RedisReply of(Kind kind, std::string text) {
        RedisReply reply;
        reply.kind_ = kind;
        reply.text_ = std::move(text);
        return reply;
    }
    static RedisReply of(std::int64_t number) {
        RedisReply reply;
        reply.kind_ = Kind::number;
        reply.number_ = number;
        return reply;
    }
    static RedisReply of(std::vector<RedisReply> items) {
        RedisReply reply;
        reply.kind_ = Kind::list;
        reply.items_ = std::move(items);
        return reply;
    }

    bool is_nothing() const { return kind_ == Kind::nothing; }
    bool is_text() const { return kind_ == Kind::text; }
    bool is_error() const { return kind_ == Kind::error; }

    // Of an error, too.
    const std::string& text() const;
    // Also of a text of decimal digits.
    std::int64_t number() const;
    const std::vector<RedisReply>& list() const;
    const RedisReply& at(std::size_t index) const { return list().at(index); }

    std::optional<std::string> optional_text() const;
    std::vector<std::string> texts() const;
    std::vector<std::uint32_t> numbers() const;

private:
    Kind kind_ = Kind::nothing;
    std::string text_;
    std::int64_t number_ = 0;
    std::vector<RedisReply> items_;
};

// The fields of a hash, from a list of names and values.
class RedisHash {
public:
    explicit RedisHash(const RedisReply& reply);

    // A key that does not exist has no fields.
    bool empty() const { return fields_.empty(); }
    // Throws std::runtime_error when the field is missing.
    const std::string& text(const std::string& field) const;
    std::int64_t number(const std::string& field) const;
    std::optional<std::string> optional_text(const std::string& field) const;
    std::optional<std::int64_t> optional_number(const std::string& field) const;
    const std::map<std::string, std::string>& fields() const { return fields_; }

private:
    std::map<std::string, std::string> fields_;
};

}  // namespace miroir::stores
