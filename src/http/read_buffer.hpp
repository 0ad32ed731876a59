#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace miroir::http {

// Bytes that have been received and not yet parsed, in one piece.
class ReadBuffer {
public:
    explicit ReadBuffer(std::size_t capacity) : usual_(capacity) { resize(capacity); }

    std::string_view readable() const { return {data_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    void consume(std::size_t bytes) { begin_ += bytes; }

    // Where to receive: at least a quarter of the capacity.
    char* free_space() {
        if (empty()) begin_ = end_ = 0;
        if (free_bytes() >= capacity_ / 4) return data_.get() + end_;
        if (begin_ >= capacity_ / 4) {
            std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        } else {
            resize(capacity_ * 2);
        }
        return data_.get() + end_;
    }
    std::size_t free_bytes() const { return capacity_ - end_; }
    void commit(std::size_t bytes) { end_ += bytes; }

    // For a large body: fewer and larger receives.
    void enlarge(std::size_t capacity) {
        if (capacity > capacity_) resize(capacity);
    }
    // Back to the usual capacity when nothing is left inside.
    void relax() {
        if (!empty() || capacity_ == usual_) return;
        begin_ = end_ = 0;
        resize(usual_);
    }

private:
    void resize(std::size_t capacity) {
        std::unique_ptr<char[]> larger(new char[capacity]);
        if (!empty()) std::memcpy(larger.get(), data_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        data_ = std::move(larger);
        capacity_ = capacity;
    }

    std::size_t usual_;
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace miroir::http
