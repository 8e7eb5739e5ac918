import FoundationEssentials
import Crypto

/// Watches repositories for new commits: local ones by inotify, remote ones by polling and by ``poke(_:)``.
///
/// Each repository is followed by a task of its own, so one that is slow or gone delays nobody. Nothing happens until
/// ``run()`` is called; what was asked for before is done then.
package actor RepositoryWatcher {
    /// What is known of a branch after a look at its repository.
    package struct Observation: Sendable {
        package var repository: String
        package var branch: String
        package var result: Result<Commit, GitError>
    }

    /// How long a server may be silent without anybody being told.
    package struct Patience: Sendable {
        /// While nothing is known of its repository.
        package var first = Duration.seconds(3)
        /// While what it said last is good.
        package var later = Duration.seconds(10)

        package init() {}
    }

    private struct Followed {
        var branches: Set<String>
        let bell: Bell
    }

    private struct Subscriber {
        weak var mailbox: ObservationMailbox?
    }

    private let directory: String
    private let pollInterval: Duration
    private let patience: Patience
    private var repositories: [String: GitRepository] = [:]
    private var access: [String: RepositoryAccess] = [:]
    private var followed: [String: Followed] = [:]
    private var latest: [WatchedBranch: Observation] = [:]
    /// What is wrong with what a branch had when its server last answered: that holds until it answers again.
    private var faults: [WatchedBranch: GitError] = [:]
    private var subscribers: [Subscriber] = []
    private var directoryWatch: DirectoryWatch?
    /// Repositories whose following has yet to begin.
    private let begun = AsyncStream.makeStream(of: String.self)

    private static let longestPause = Duration.seconds(60)
    /// A local repository that fails costs little to look at, and may come back in a way that no event tells.
    private static let longestLocalPause = Duration.seconds(15)
    /// The references of one push arrive together.
    private static let settling = Duration.milliseconds(2)

    /// - Parameters:
    ///   - directory: Where the mirrors are kept, one directory each.
    ///   - pollInterval: The pause between looks at a remote repository; varied by a tenth, doubled by each failure up to
    ///     a minute.
    ///   - patience: When it is told that a server does not answer, before its time is over.
    package init(
        directory: String,
        pollInterval: Duration = .seconds(15),
        patience: Patience = Patience()
    ) {
        self.directory = directory
        self.pollInterval = pollInterval
        self.patience = patience
    }

    /// The mirror of a repository; made when first asked for.
    package func repository(_ url: String) -> GitRepository {
        if let repository = repositories[url] { return repository }
        let repository = GitRepository(
            url: url,
            directory: "\(directory)/\(Self.directoryName(of: url))",
            access: access[url] ?? RepositoryAccess()
        )
        repositories[url] = repository
        return repository
    }

    /// Replaces what is known of how to reach repositories, by URL; those for which it changed are looked at at once.
    package func setAccess(_ new: [String: RepositoryAccess]) async {
        let changed = Set(new.keys).union(access.keys).filter { new[$0] != access[$0] }
        access = new
        for url in changed {
            await repositories[url]?.setAccess(new[url] ?? RepositoryAccess())
            followed[url]?.bell.ring()
        }
    }

    /// Lets ``repository(_:)`` answer with a repository of the caller's own, under the URL it has, until ``takeBack(_:)``.
    package func lend(_ repository: GitRepository) { repositories[repository.url] = repository }

    package func takeBack(_ url: String) async {
        await repositories.removeValue(forKey: url)?.close()
    }

    /// Replaces the set of watched branches.
    ///
    /// The branch `""` or `HEAD` is the repository's default branch, whichever that is at the time.
    package func watch(_ branches: Set<WatchedBranch>) {
        let wanted = Dictionary(grouping: branches, by: \.repository).mapValues { Set($0.map(\.branch)) }
        for (url, repository) in followed where wanted[url] == nil {
            followed[url] = nil
            repository.bell.ring()
        }
        for (url, branches) in wanted {
            guard let known = followed[url] else {
                followed[url] = Followed(branches: branches, bell: Bell())
                begun.continuation.yield(url)
                continue
            }
            guard known.branches != branches else { continue }
            followed[url]?.branches = branches
            known.bell.ring()
        }
        latest = latest.filter { branches.contains($0.key) }
        faults = faults.filter { branches.contains($0.key) }
    }

    /// Looks now at the repositories whose URL matches (webhook); all when `nil`.
    ///
    /// `https://host/a/b.git`, `git@host:a/b` and `ssh://git@host/a/b` match each other.
    package func poke(_ url: String?) {
        let identity = url.map { RepositoryLocation($0).identity }
        for (url, repository) in followed
        where identity == nil || RepositoryLocation(url).identity == identity {
            repository.bell.ring()
        }
    }

    /// Observations, only when something changed: another commit, a failure, a recovery.
    ///
    /// A new subscriber gets the current state first.
    ///
    /// A subscriber that is slow gets the newest observation of each branch, not all of them.
    package func observations() -> AsyncStream<Observation> {
        let mailbox = ObservationMailbox()
        for (_, observation) in latest.sorted(by: { $0.key < $1.key }) { mailbox.put(observation) }
        subscribers.removeAll { $0.mailbox == nil }
        subscribers.append(Subscriber(mailbox: mailbox))
        return AsyncStream {
            await mailbox.take()
        } onCancel: {
            mailbox.close()
        }
    }

    /// Follows the watched repositories until the task is cancelled.
    ///
    /// To be called once.
    package func run() async throws {
        directoryWatch = DirectoryWatch { [weak self] url in
            // The bell is found on the actor; an inotify event has nothing to wait for.
            guard let self else { return }
            self.events.continuation.yield(url)
        }
        defer { directoryWatch = nil }
        await withDiscardingTaskGroup { group in
            group.addTask { for await url in self.events.stream { await self.ring(url) } }
            for await url in begun.stream { group.addTask { await self.follow(url) } }
        }
        for repository in repositories.values { await repository.close() }
        try Task.checkCancellation()
    }

    private nonisolated let events = AsyncStream.makeStream(
        of: String.self,
        bufferingPolicy: .bufferingNewest(1024)
    )

    private func ring(_ url: String) { followed[url]?.bell.ring() }

    /// Looks at one repository again and again, until it is no longer wanted.
    private func follow(_ url: String) async {
        guard let bell = followed[url]?.bell else { return }
        let localPath = RepositoryLocation(url).localPath
        var failures = 0
        while !Task.isCancelled, followed[url]?.bell === bell {
            bell.quiet()
            // Watched before the look, so that what happens after the look rings.
            let isWatched = localPath.map { watchDirectories(of: $0, for: url) } ?? false
            let succeeded = await look(url)
            failures = succeeded ? 0 : failures + 1
            await bell.wait(
                atMost: pause(afterFailures: failures, isLocal: localPath != nil, isWatched: isWatched)
            )
            if localPath != nil {
                // Cancellation ends the loop.
                try? await Task.sleep(for: Self.settling)
            }
        }
        if followed[url] == nil { _ = directoryWatch?.watch([:], for: url) }
    }

    private func watchDirectories(of path: String, for url: String) -> Bool {
        directoryWatch?.watch(LocalRepositoryPaths(of: path).directories, for: url) ?? false
    }

    private func pause(afterFailures failures: Int, isLocal: Bool, isWatched: Bool) -> Duration {
        var pause = isLocal && !isWatched ? min(pollInterval, .seconds(1)) : pollInterval
        let longest = max(pollInterval, isLocal ? Self.longestLocalPause : Self.longestPause)
        for _ in 0..<min(failures, 16) { pause = min(pause * 2, longest) }
        return pause * Double.random(in: 0.9...1.1)
    }

    /// Fetches and publishes what the watched branches are now; `false` if the repository cannot be read.
    private func look(_ url: String) async -> Bool {
        let repository = repository(url)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.tellSilence(of: repository) }
                defer { group.cancelAll() }
                try await repository.fetch()
            }
        } catch is CancellationError {
            return false
        } catch {
            for branch in followed[url]?.branches ?? [] {
                publish(url, branch, .failure(besidesFault(GitError(wrapping: error), url, branch)))
            }
            return false
        }
        for branch in followed[url]?.branches.sorted() ?? [] {
            let place = WatchedBranch(repository: url, branch: branch)
            do {
                let commit = try await repository.resolve(branch)
                try await repository.verify(commit, on: branch)
                faults[place] = nil
                publish(url, branch, .success(commit))
            } catch is CancellationError {
                return false
            } catch {
                let error = GitError(wrapping: error)
                if followed[url]?.branches.contains(branch) ?? false { faults[place] = error }
                publish(url, branch, .failure(error))
            }
        }
        return true
    }

    /// Tells, unless it is cancelled before, that a server that is asked has not answered.
    private func tellSilence(of repository: GitRepository) async {
        let url = repository.url
        func silent(_ isWanted: (Observation?) -> Bool) async {
            guard !Task.isCancelled, let time = await repository.askedAt else { return }
            let since = time.formatted(.iso8601)
            let message = "Connecting to \(repository.displayURL) since \(since): it has not answered yet."
            for branch in followed[url]?.branches ?? []
            where isWanted(latest[WatchedBranch(repository: url, branch: branch)]) {
                let silence = GitError(code: .unanswered, message: message)
                publish(url, branch, .failure(besidesFault(silence, url, branch)))
            }
        }
        // Cancelled: it has answered.
        guard (try? await Task.sleep(for: patience.first)) != nil else { return }
        await silent { $0 == nil }
        guard (try? await Task.sleep(for: patience.later - patience.first)) != nil else { return }
        await silent { observation in
            guard let observation else { return false }
            // That it cannot be read is told already.
            guard case .success = observation.result else { return faults[observation.key] != nil }
            return true
        }
    }

    /// Why a repository cannot be read, after what is wrong with what it sent last; people need to know both.
    private func besidesFault(_ error: GitError, _ url: String, _ branch: String) -> GitError {
        guard let fault = faults[WatchedBranch(repository: url, branch: branch)] else { return error }
        let end = fault.message.hasSuffix(".") ? "" : "."
        return GitError(
            // One that is still waited for is less than that.
            code: error.code == .unanswered ? fault.code : error.code,
            message: "\(fault.message)\(end) Besides: \(error.message)"
        )
    }

    private func publish(_ url: String, _ branch: String, _ result: Result<Commit, GitError>) {
        let observation = Observation(repository: url, branch: branch, result: result)
        guard followed[url]?.branches.contains(branch) ?? false else { return }
        guard !observation.saysTheSame(as: latest[observation.key]) else { return }
        latest[observation.key] = observation
        subscribers.removeAll { $0.mailbox == nil }
        for subscriber in subscribers { subscriber.mailbox?.put(observation) }
    }

    /// A name that a person recognises, and a hash that tells similar ones apart.
    private static func directoryName(of url: String) -> String {
        let hash = SHA256.hash(data: Data(url.utf8)).prefix(5).flatMap { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        let name = RepositoryLocation(url).identity.split(separator: "/").last ?? "repository"
        let plain = name.map {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "-"
        }
        return String(plain.prefix(60)) + "-" + String(hash) + ".git"
    }
}

extension RepositoryWatcher.Observation {
    func saysTheSame(as other: Self?) -> Bool {
        switch (result, other?.result) {
        case (.success(let commit), .success(let known)): commit.id == known.id
        case (.failure(let error), .failure(let known)):
            // git's words have times in them ("after 12 ms") that are no news.
            error.code == known.code
                && error.message.filter { !$0.isNumber } == known.message.filter { !$0.isNumber }
        default: false
        }
    }
}

extension GitError {
    /// Any failure of reading a repository as one of the module's own.
    init(wrapping error: any Error) {
        self = error as? GitError ?? GitError(code: .toolFailed, message: "git failed: \(error)")
    }
}

/// A branch of a repository, by the repository's URL.
package struct WatchedBranch: Sendable, Hashable, Comparable {
    package var repository: String
    package var branch: String
    package init(repository: String, branch: String) {
        self.repository = repository
        self.branch = branch
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.repository, left.branch) < (right.repository, right.branch)
    }
}
