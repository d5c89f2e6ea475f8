"""What the headings of a roster may be refused for."""

from app.core.problems import Problem


class HeadingsUnknown(Problem):
    status, title = 422, "Unknown headings"
    members = ("headings", "suggested_mapping")
    detail = (
        "It is not known what these columns are: {unknown}. Delete them from the file, or have your"
        " coordinator name them once in `headings` of the data set (`replace_roster_data_set`): the"
        " name of a field for each, or null to ignore it. The headings stand in the first row."
    )


class HeadingTwice(Problem):
    status, title = 422, "Two columns for one field"
    detail = (
        "More than one column gives `{field}`: {twice}. In the mapping of the data set, set all but"
        " one to null."
    )


class HeadingsMissing(Problem):
    status, title = 422, "Headings missing"
    detail = "There is no column for {missing}. Add it, or map the heading that stands for it."
