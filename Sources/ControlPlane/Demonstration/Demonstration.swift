/// The content that `varde up` starts with: a small national mapping authority with a platform team and three product
/// teams, each with repositories that can be cloned and pushed to.
///
/// The teams do the same things in different ways on purpose: the maps team uses kustomize, the property register
/// jsonnet, positioning mostly plain YAML.
package enum Demonstration {
    /// Every repository, the platform's own first.
    package static let repositories: [DemonstrationRepository] = [platform, maps, property, positioning]

    /// The name of the platform repository below the directory given to ``createRepositories(in:)``.
    package static let platformRepository = "platform.git"
}
