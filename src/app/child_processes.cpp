#include "child_processes.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

#include "signals.hpp"

namespace miroir::app {

namespace {

// What execvpe takes; points into `texts`.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const auto& text : texts) {
        all.push_back(const_cast<char*>(text.c_str()));
    }
    all.push_back(nullptr);
    return all;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (!variables.contains(text.substr(0, text.find('=')))) {
            all.push_back(text);
        }
    }
    for (const auto& [name, value] : variables) {
        all.push_back(name + "=" + value);
    }
    return all;
}

}  // namespace

pid_t start_process(const std::vector<std::string>& command, const std::string& output_file,
                    const std::map<std::string, std::string>& variables) {
    const auto environment = environment_with(variables);
    const auto arguments = pointers(command);
    const auto entries = pointers(environment);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (child > 0) {
        return child;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) {
        _exit(1);
    }
    unblock_stop_signals();
    const int output = open(output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output >= 0) {
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
    }
    execvpe(arguments[0], arguments.data(), entries.data());
    _exit(127);
}

bool has_ended(pid_t child) {
    int status = 0;
    return waitpid(child, &status, WNOHANG) == child;
}

void end_processes(const std::vector<pid_t>& children) {
    for (const auto child : children) {
        kill(child, SIGTERM);
    }
    for (const auto child : children) {
        bool ended = false;
        for (int tries = 0; tries < 50 && !ended; ++tries) {
            ended = has_ended(child);
            if (!ended) {
                poll(nullptr, 0, 100);
            }
        }
        if (!ended) {
            kill(child, SIGKILL);
            int status = 0;
            waitpid(child, &status, 0);
        }
    }
}

std::uint16_t free_port() {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool bound = listener >= 0 && bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    const int fault = errno;
    if (listener >= 0) {
        close(listener);
    }
    if (!bound) {
        throw std::system_error(fault, std::generic_category(), "no free port");
    }
    return ntohs(address.sin_port);
}

}  // namespace miroir::app
