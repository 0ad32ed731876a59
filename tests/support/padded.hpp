#pragma once

#include <string>
#include <string_view>

namespace miroir::test {

// A body with the 64 readable bytes behind its end that scanners may look at.
class Padded {
public:
    explicit Padded(std::string_view text) : bytes_(text), size_(text.size()) { bytes_.append(64, '\xaa'); }
    std::string_view text() const { return {bytes_.data(), size_}; }
    operator std::string_view() const { return text(); }

private:
    std::string bytes_;
    std::size_t size_;
};

}  // namespace miroir::test
