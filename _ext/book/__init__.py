"""The book's own Sphinx extension: what the build does beyond Jupyter Book's part.

Each module is a stage, except for ``pages``, which reads the sources and is there for the
tests and the assignments too. They read them without Sphinx, so the stages are imported
only when Sphinx sets the extension up.
"""


def setup(app):
    """List the stages in the order in which they act."""
    import sphinx.search

    from . import execute, figures, math, notebooks, publish, search, text

    # Who typesets formulas
    app.add_html_math_renderer("temml", (math.visit_inline, None), (math.visit_block, None))

    # What a search finds
    app.add_search_language(search.English)
    sphinx.search.IndexBuilder = search.Sections  # the builder looks it up there

    # The configuration: before MyST-NB opens its cache and the theme reads its options
    app.add_config_value("inputs_digest", "", "env", [str])
    app.add_config_value("assets_digest", "", "html", [str])
    app.add_config_value("book_repository", "", "html", [str])
    app.add_config_value("book_year", None, "html", [int])
    publish.set_up_cards(app)
    app.connect("config-inited", execute.name_cache, priority=0)
    app.connect("config-inited", publish.note_assets)
    app.connect("config-inited", publish.set_address, priority=0)
    app.connect("config-inited", publish.read_citation, priority=10)

    # Sphinx reads the pages side by side, and MyST-NB runs those that the cache has not
    app.add_domain(execute.Proofs, override=True)
    app.connect("config-inited", execute.work_side_by_side)
    app.connect("env-before-read-docs", execute.open_cache)
    app.connect("doctree-read", execute.note_failures)
    app.connect("doctree-read", text.note_places)
    app.connect("doctree-read", figures.darken, priority=400)  # before Sphinx collects images

    # Each page that is written: its text, then what stands around it
    app.add_post_transform(text.FoldSolutions)
    app.add_post_transform(text.KeepTogether)
    app.connect("doctree-resolved", figures.enter_figures)
    app.connect("html-page-context", publish.add_citation)
    app.connect("html-page-context", publish.name_roles)
    app.connect("html-page-context", figures.add_scripts)
    app.connect("html-page-context", notebooks.offer, priority=900)  # after the theme's buttons
    app.connect("html-page-context", publish.direct_buttons, priority=900)

    # When all are written
    app.connect("build-finished", notebooks.pack)
    app.connect("build-finished", execute.report_failures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
