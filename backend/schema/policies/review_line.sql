ALTER TABLE review_line ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON review_line TO onemap_app;

CREATE POLICY seen ON review_line FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM review
            WHERE review.county_code = review_line.county_code
            AND review.id = review_line.review_id))
);

CREATE POLICY added ON review_line FOR INSERT TO onemap_app
WITH CHECK (true);
