#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The processes that a program started, with the program as their leader.
///
/// Valid only while the leader has not been reaped: until then nobody else can get its process id.
struct ProcessGroup: Sendable {
    let leader: pid_t

    func kill() {
        #if canImport(Darwin)
        _ = Darwin.kill(-leader, SIGKILL)
        #elseif canImport(Musl)
        _ = Musl.kill(-leader, SIGKILL)
        #else
        _ = Glibc.kill(-leader, SIGKILL)
        #endif
    }

    /// How many processes are in the group now; 0 where the system does not tell.
    var count: Int {
        guard let directory = opendir("/proc") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: name.pointee)) {
                    atoi($0)
                }
            }
            if name > 0, getpgid(name) == leader { count += 1 }
        }
        return count
    }

    /// Waits until the leader has ended, and ends the processes it left behind.
    ///
    /// A leader that closes its output and lives on is waited for until the task is cancelled or the deadline's alarm
    /// kills it.
    func end() async {
        var pause = Duration.microseconds(200)
        while !leaderHasEnded {
            // Cancelled: the program goes at once.
            guard (try? await Task.sleep(for: pause)) != nil else { break }
            pause = min(pause * 2, .milliseconds(20))
        }
        kill()
    }

    private var leaderHasEnded: Bool {
        var information = siginfo_t()
        let answer = waitid(P_PID, id_t(leader), &information, WEXITED | WNOHANG | WNOWAIT)
        guard answer == 0 else { return true }
        #if canImport(Darwin)
        return information.si_pid != 0
        #else
        return information.si_signo != 0
        #endif
    }
}
