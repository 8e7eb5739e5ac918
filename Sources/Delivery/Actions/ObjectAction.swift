/// What a person may do to one object of an application, beside what commits do.
package enum ObjectAction: Sendable, Hashable {
    case restart
    case scale(to: Int)
    case delete
    case suspend
    case resume
    case trigger

    package enum Name: String, Sendable, Hashable, CaseIterable {
        case restart, scale, delete, suspend, resume, trigger
    }

    /// - Parameter replicas: Needed by `scale`, which there is not without it.
    package init?(_ name: Name, replicas: Int?) {
        switch name {
        case .restart: self = .restart
        case .scale:
            guard let replicas, (0...10_000).contains(replicas) else { return nil }
            self = .scale(to: replicas)
        case .delete: self = .delete
        case .suspend: self = .suspend
        case .resume: self = .resume
        case .trigger: self = .trigger
        }
    }

    package var name: Name {
        switch self {
        case .restart: .restart
        case .scale: .scale
        case .delete: .delete
        case .suspend: .suspend
        case .resume: .resume
        case .trigger: .trigger
        }
    }
}

/// An action that may be done to an object now, and what it would do.
package struct ActionOffer: Sendable, Hashable {
    /// One thing that would happen, as a code that each language has words for.
    package enum Effect: Sendable, Hashable {
        /// So many pods are replaced, as the workload's strategy says.
        case replacesPods(Int, strategy: String)
        /// How many replicas it has now.
        case hasReplicas(Int)
        /// The commit says this field: Varde puts it back.
        case putBack(field: String, value: String)
        /// So many objects below it go with it.
        case removesBelow(Int)
        /// Varde makes it again, because the commit has it.
        case madeAgainByVarde
        /// Its owner makes another.
        case madeAgainByOwner(String)
        /// Nothing makes it again.
        case goesForGood
        case noNewRuns
        case runsAgain(schedule: String)
        case startsJob(String)
    }

    package var action: ObjectAction.Name
    package var effects: [Effect]

    package init(action: ObjectAction.Name, effects: [Effect]) {
        self.action = action
        self.effects = effects
    }
}
