import KubeClient
import KubeModel

extension ServerCheck {
    /// Groups whose objects may have any name, so that one can be tried under another.
    private static let groups: Set<String> = ["", "apps", "batch", "policy", "networking.k8s.io"]

    /// What the cluster would say to an object that is deleted and made anew, once the old one is gone.
    ///
    /// Asked under another name, by a dry run: a mistake that has nothing to do with the old one would be found only after its
    /// deletion.
    /// - Returns: The refusal; `nil` where there is none, or it cannot be told.
    func refusalToMake(
        _ desired: DesiredObject,
        _ resource: APIResource,
        _ client: KubeClient
    ) async -> StatusError? {
        guard Self.groups.contains(desired.object.gvk.group) else { return nil }
        var object = desired.object
        let name = object.name
        object.name = name.prefix(45) + "-varde-plan"
        let probe = object
        do {
            _ = try await lane.slots.run {
                try await client.apply(resource, probe, force: true, dryRun: true)
            }
            return nil
        } catch let error as StatusError where error.isInvalid {
            var error = error
            error.message.replace(probe.name, with: name)
            return error
        } catch {
            // Whether it may be made is not what was asked.
            return nil
        }
    }

    /// Why the lists that an apply cannot set right are refused as the manifest has them, too; `nil` where they are not.
    func refusalToRepair(
        _ live: KubeObject,
        _ patch: JSON,
        _ resource: APIResource,
        _ client: KubeClient
    ) async -> StatusError? {
        do {
            _ = try await lane.slots.run {
                try await client.patch(resource, live.objectName, merge: patch, dryRun: true)
            }
            return nil
        } catch let error as StatusError where error.isInvalid {
            return error
        } catch {
            // It is not known; the sync will tell.
            return nil
        }
    }
}
