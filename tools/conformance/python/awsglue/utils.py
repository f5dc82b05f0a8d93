# What AWS Glue brings to its jobs; no registry has it. It reads arguments as the developer guide describes.


def getResolvedOptions(args, options):
    return {name: args[args.index("--" + name) + 1] for name in options}
