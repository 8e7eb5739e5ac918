import FoundationEssentials
import KubeClient
import KubeModel

extension UpConfiguration.AddedCluster {
    /// Declares the cluster in the admin cluster; the fleet opens it like any other.
    ///
    /// - Throws: ``UpError`` for a file that cannot be used, before anything is written.
    func join(_ admin: KubeClient) async throws {
        let name = try clusterName()
        var cluster = KubeObject(apiVersion: "varde.dev/v1alpha1", kind: "Cluster", name: name)
        var file: JSON = ["path": .string(absolutePath)]
        file["context"] = context.map { .string($0) }
        cluster.spec = ["connection": ["kubeconfigFile": file]]
        do {
            // Not by force: what somebody else declared about a cluster of this name stays.
            _ = try await admin.apply(.clusters, cluster, force: false)
        } catch let error as StatusError where error.isConflict {
            throw UpError(
                code: .badConfiguration,
                message: "There is a cluster \"\(name)\" already, declared in another way: \(error.message). "
                    + "Choose another name: --add-kubeconfig NAME=FILE."
            )
        }
    }

    private var absolutePath: String {
        URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    }

    /// The given name, or one made from the context's: cluster names are DNS labels.
    private func clusterName() throws -> String {
        let kubeconfig: Kubeconfig
        do throws(ClientError) {
            kubeconfig = try Kubeconfig(path: path)
            _ = try kubeconfig.endpoint(context: context)
        } catch {
            throw UpError(code: .badConfiguration, message: "--add-kubeconfig \(path): \(error.message).")
        }
        let wanted = name ?? context ?? kubeconfig.usedContext
        let made = Self.label(from: wanted)
        guard !made.isEmpty, made != FleetClusterDirectory.adminName, name == nil || made == name else {
            throw UpError(
                code: .badConfiguration,
                message: "\"\(wanted)\" cannot be a cluster's name: lower-case letters, digits and - only, "
                    + "and not \"admin\". Name it: --add-kubeconfig NAME=FILE."
            )
        }
        return made
    }

    /// `kubernetes-admin@Prod.eu` becomes `kubernetes-admin-prod-eu`.
    static func label(from text: String) -> String {
        let characters = text.lowercased().map { character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        let parts = String(characters.prefix(63)).split(separator: "-")
        return parts.joined(separator: "-")
    }
}
