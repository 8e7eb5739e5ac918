import KubeClient
package import KubeModel
import Rendering

/// Makes plans; a pure function of its input.
package enum Planner {
    package static let manager = "varde"

    package static func plan(_ input: PlanInput) -> Plan {
        var plan = Plan()
        plan.occasion = input.occasion
        var wanted: Set<ObjectReference> = []
        wanted.reserveCapacity(input.desired.count)
        let order = WaveOrder(input.desired)
        let knots = Dependency.problems(in: input.desired, order)
        for named in input.desired {
            let desired = named.current(after: input.hookResults, hasFailed: input.hasFailed)
            guard wanted.insert(desired.reference).inserted else { continue }
            var verdict =
                knots[desired.reference].map { Verdict.refused(desired, $0, input) }
                ?? Verdict(on: desired, input)
            if let finding = verdict.finding { plan.findings.append(finding) }
            if let confirmed = verdict.confirmed { plan.confirmed[desired.reference] = confirmed }
            if let kind = verdict.wantedSchema { plan.wantedSchemas.insert(kind) }
            (verdict.step.phase, verdict.step.wave) = order.place(of: desired)
            verdict.step.dependencies = desired.rules.dependencies
            plan.steps.append(verdict.step)
        }
        plan.steps = ordered(plan.steps, by: <)

        let deletions = DeletionPlanner(input).steps(besides: wanted)
        plan.findings += deletions.findings
        plan.steps += ordered(deletions.steps, by: >)
        return plan
    }

    /// A step's place in the order of applying.
    private struct Place: Comparable {
        let phase: SyncPhase
        let wave: Int
        let rank: Int
        let reference: ObjectReference

        init(_ step: Plan.Step) {
            (phase, wave, rank, reference) = (step.phase, step.wave, step.rank, step.reference)
        }

        static func < (left: Self, right: Self) -> Bool {
            if left.phase != right.phase { return left.phase < right.phase }
            if left.wave != right.wave { return left.wave < right.wave }
            if left.rank != right.rank { return left.rank < right.rank }
            return left.reference < right.reference
        }
    }

    /// Steps are large: their places are sorted in their stead.
    private static func ordered(_ steps: [Plan.Step], by precedes: (Place, Place) -> Bool) -> [Plan.Step] {
        let places = steps.map(Place.init)
        return steps.indices.sorted { precedes(places[$0], places[$1]) }.map { steps[$0] }
    }
}

extension DesiredObject {
    /// Whether this is the CustomResourceDefinition of a kind.
    package func defines(_ gvk: GroupVersionKind) -> Bool {
        object.kind == "CustomResourceDefinition" && object.at("spec", "group")?.string == gvk.group
            && object.at("spec", "names", "kind")?.string == gvk.kind
    }
}
