#include "miroir/base/log.hpp"

namespace miroir {

namespace {

class NullLog final : public Log {
public:
    void write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

}  // namespace

Log& null_log() {
    static NullLog log;
    return log;
}

}  // namespace miroir
