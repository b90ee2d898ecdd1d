"""The app: `streamlit run app.py`. Which pages there are, and what stands beside all of them."""

# Wide enough for the longest title of a page, and for that of the ready-made network.
_SIDEBAR_PX = 330


def main() -> None:
    """Shows the page that the visitor has chosen."""
    # Imported here, not above: the worker processes import this file again when they start, and need none of it.
    import streamlit as st

    from ui.shared.streamlit_workarounds import close_menu_after_choice, reload_empty_page
    from ui.shell import sidebar, theme

    st.set_page_config(
        page_title="See a network learn", page_icon=sidebar.PAGE_ICON, layout="wide", initial_sidebar_state=_SIDEBAR_PX
    )
    page = st.navigation(
        {
            # What every visitor needs. Without a heading, which would repeat its only page.
            "": [
                st.Page("pages/train.py", title="Train a network", icon=":material/play_circle:", default=True),
                st.Page("pages/draw.py", title="Draw", icon=":material/draw:"),
                st.Page("pages/look_inside.py", title="Look inside", icon=":material/search:"),
                st.Page("pages/review_mistakes.py", title="Review mistakes", icon=":material/grid_on:"),
                st.Page("pages/browse_data.py", title="Browse the data", icon=":material/dataset:"),
            ],
            "Compare": [
                st.Page("pages/list_runs.py", title="All runs", icon=":material/table_rows:"),
                st.Page("pages/compare_runs.py", title="Side by side", icon=":material/stacked_line_chart:"),
                st.Page("pages/judge_difference.py", title="Is it chance?", icon=":material/balance:"),
                st.Page("pages/sweep_settings.py", title="Sweep: try many settings", icon=":material/tune:"),
                st.Page("pages/vote_together.py", title="Vote (ensemble)", icon=":material/how_to_vote:"),
                st.Page("pages/rank_runs.py", title="Leaderboard", icon=":material/leaderboard:"),
            ],
            "Take home, bring along": [
                st.Page("pages/take_home.py", title="Take it home", icon=":material/download:"),
                st.Page("pages/bring_network.py", title="Bring a network", icon=":material/upload_file:"),
            ],
            "Understand": [
                st.Page("pages/how_it_works.py", title="How it works", icon=":material/school:"),
                st.Page("pages/read_programs.py", title="Six programs", icon=":material/code:"),
            ],
            "Your digits": [
                st.Page("pages/upload_picture.py", title="Upload a picture", icon=":material/add_a_photo:"),
                st.Page("pages/my_digits.py", title="My digits", icon=":material/collections_bookmark:"),
                st.Page("pages/own_images.py", title="Your image set", icon=":material/folder_zip:"),
            ],
            # In the order of `ui.look_inside.next_steps`. Addresses that have been sent around stay, whatever the files
            # are called: `url_path`.
            "Further inside": [
                st.Page("pages/see_filters.py", title="Filters", icon=":material/grid_view:"),
                st.Page(
                    "pages/visualize_features.py",
                    title="What activates a filter",
                    icon=":material/bolt:",
                    url_path="find_favourites",
                ),
                st.Page("pages/explain_answer.py", title="Explain an answer (saliency maps)", icon=":material/help:"),
                st.Page(
                    "pages/switch_off_filters.py", title="Switch filters off (ablation)", icon=":material/toggle_off:"
                ),
                st.Page(
                    "pages/embed_images.py",
                    title="Map of images (embedding)",
                    icon=":material/scatter_plot:",
                    url_path="map_images",
                ),
                st.Page(
                    "pages/try_convolutions.py",
                    title="Random filters",
                    icon=":material/casino:",
                    url_path="try_filters",
                ),
            ],
        },
        expanded=True,
    )
    theme.apply()
    sidebar.show()
    close_menu_after_choice(page.url_path)
    reload_empty_page()
    page.run()


if __name__ == "__main__":
    main()
elif __name__ == "app":
    # The server imports this file under its own name, the worker processes under yet another. Streamlit finds the
    # application by reading the file, so it is made here, by its class's own name.
    import streamlit as st

    from ui.draw.answer_api import answer_route
    from ui.shell.server import check_environment, lifespan, middleware

    check_environment()
    app = st.App(__file__, lifespan=lifespan, routes=[answer_route()], middleware=middleware())
