ALTER TABLE review_entry ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON review_entry TO onemap_app;

CREATE POLICY seen ON review_entry FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM review
            WHERE review.county_code = review_entry.county_code
            AND review.id = review_entry.review_id))
);

CREATE POLICY added ON review_entry FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON review_entry FOR UPDATE TO onemap_app
USING (
    (EXISTS (SELECT FROM review
            WHERE review.county_code = review_entry.county_code
            AND review.id = review_entry.review_id))
)
WITH CHECK (true);

CREATE POLICY removed ON review_entry FOR DELETE TO onemap_app
USING (
    (EXISTS (SELECT FROM review
            WHERE review.county_code = review_entry.county_code
            AND review.id = review_entry.review_id))
);
